"""An export verifies with one file and no Strongroom; one byte changed anywhere in it is found and located."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from strongroom.vault import audit_export, audit_log, strongroom_verify
from strongroom.vault.strongroom_verify import (
    CHECKPOINT,
    ENTRIES,
    KEY,
    SELF,
    Findings,
    UnreadableError,
    canonical,
    check_proof,
    main,
    verify,
)

from .conftest import Hall


def exported(hall: Hall, folder: Path, batches: int = 3) -> Path:
    """Some 300 entries, one of them erased, over two tiles."""
    for number in range(batches):
        with hall.vault.writing(hall.reader("anna", "INTERNAL")) as session:
            for each in range(100):
                session.audit("task.change", "task", f"{number:02}{each:030}", text="ä\u2028\U0001f600")
        hall.vault.audit_log.take_up()
    (entry_id,) = hall.truth("select entry_id from audit_leaf where number = 40")[0]
    audit_log.erase(hall.vault, entry_id, "asked for")
    hall.vault.audit_log.take_up()
    audit_export.whole(hall.vault, folder)
    return folder


@pytest.fixture
def export(hall: Hall, tmp_path: Path) -> Path:
    return exported(hall, tmp_path / "export")


def test_an_export_verifies_with_the_file_that_came_with_it(export: Path, hall: Hall) -> None:
    """In a Python that can't import Strongroom, from another folder."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _WITHOUT_STRONGROOM, str(export / SELF), str(export)],
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    size = hall.vault.audit_log.head().size
    assert f"Each of {size - 1} entries is the one that the log took up" in ran.stdout
    assert "1 more were there and their content was erased since" in ran.stdout
    assert "NOT SHOWN That the key is the log's" in ran.stdout


#: Only the standard library and what `cryptography` needs.
_WITHOUT_STRONGROOM = f"""
import sys, runpy
NEEDED = ("cryptography", "cffi", "_cffi_backend", "pycparser", "typing_extensions")
sys.path[:0] = {[p for p in sys.path if "site-packages" in p]!r}
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in (*sys.stdlib_module_names, *NEEDED):
            raise ImportError(name)
sys.meta_path.insert(0, Without())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_with_the_key_from_elsewhere_and_an_older_checkpoint_more_is_proven(
    hall: Hall, tmp_path: Path
) -> None:
    hall.act("anna", "INTERNAL")
    hall.vault.audit_log.take_up()
    kept = tmp_path / "kept"
    kept.write_text(hall.vault.audit_log.head().note)
    found = verify(exported(hall, tmp_path / "e", 1), str(hall.vault.audit_log.key), [str(kept)])
    assert found.faults == []
    assert any("the log only grew" in line for line in found.proven)
    assert not any("key" in line or "anew" in line for line in found.not_proven)


def test_an_export_of_another_past_is_no_continuation(hall: Hall, tmp_path: Path) -> None:
    export = exported(hall, tmp_path / "e", 1)
    kept = tmp_path / "kept"
    kept.write_text(hall.vault.audit_log.signer.checkpoint(50, bytes(32)))
    assert any("aren't those of then" in each for each in verify(export, None, [str(kept)]).faults)
    kept.write_text(hall.vault.audit_log.signer.checkpoint(5000, bytes(32)))
    assert any("rolled back" in each for each in verify(export, None, [str(kept)]).faults)


def faults_of(folder: Path) -> list[str]:
    try:
        return verify(folder, None, []).faults
    except UnreadableError as error:
        return [str(error)]


def test_one_byte_changed_anywhere_is_found_and_located(export: Path) -> None:
    files = sorted(path for path in export.rglob("*") if path.is_file() and path.name != SELF)
    spans = [(path, path.stat().st_size) for path in files]
    total = sum(size for _, size in spans)
    assert faults_of(export) == []

    @settings(max_examples=250, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.booleans(), st.integers(0, total - 1), st.integers(1, 255))
    def anywhere(any_file: bool, place: int, change: int) -> None:
        """Half of the time by bytes, half of the time by files, since the small ones would hardly be met."""
        if any_file:
            path, size = spans[place % len(spans)]
            place %= size
        else:
            path, place = _at(spans, place)
        whole = path.read_bytes()
        try:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])
            found = faults_of(export)
        finally:
            path.write_bytes(whole)
        assert found, (path, place, change)
        assert any(_locates(each, export, path, whole, place) for each in found), (path, place, found)

    anywhere()


def _at(spans: list[tuple[Path, int]], place: int) -> tuple[Path, int]:
    for path, size in spans:
        if place < size:
            return path, place
        place -= size
    raise IndexError(place)


def _locates(fault: str, export: Path, path: Path, whole: bytes, place: int) -> bool:
    name = path.relative_to(export).as_posix()
    if name == ENTRIES:
        line = whole.count(b"\n", 0, place) + 1
        return fault.startswith(f"{ENTRIES}, line {line}:")
    if name.startswith(("tile/0/", "tile/entries/")):
        number = int(path.parent.name[:3] if path.parent.name.endswith(".p") else path.name)
        each = 32 if name.startswith("tile/0/") else 34
        return fault.startswith(f"{name}: doesn't fit entry {number * 256 + place // each} ")
    return fault.startswith((f"{name}:", f"{KEY}:", f"{CHECKPOINT}:"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_file_that_is_missing_cut_or_foreign_is_found(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, shared_export: Path
) -> None:
    folder = tmp_path_factory.mktemp("cut") / "export"
    shutil.copytree(shared_export, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SELF)
    path = data.draw(st.sampled_from(files))
    whole = path.read_bytes()
    how = data.draw(st.sampled_from(["missing", "cut", "longer", "foreign", "folder"]))
    if how == "missing":
        path.unlink()
    elif how == "cut":
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    elif how == "longer":
        path.write_bytes(whole + data.draw(st.binary(min_size=1, max_size=40)))
    elif how == "foreign":
        (path.parent / "more").write_bytes(b"")
    else:
        path.unlink()
        path.mkdir()
    assert faults_of(folder)
    shutil.rmtree(folder.parent)


def test_lines_that_were_swapped_or_doubled_or_dropped_are_located(export: Path) -> None:
    path = export / ENTRIES
    lines = path.read_bytes().splitlines(keepends=True)
    for other, line in (
        ([lines[1], lines[0], *lines[2:]], 1),
        ([*lines[:9], lines[8], *lines[9:]], 10),
        ([*lines[:20], *lines[21:]], 21),
        ([*lines[:-1]], None),
    ):
        path.write_bytes(b"".join(other))
        found = faults_of(export)
        assert any(
            each.startswith(f"{ENTRIES}, line {line}:" if line else f"{ENTRIES}: holds") for each in found
        )


def test_an_entry_blanked_without_an_act_on_record_is_found(export: Path) -> None:
    path = export / ENTRIES
    lines = path.read_bytes().splitlines()
    line = strongroom_verify.Line.read(lines[7])
    lines[7] = canonical({"n": 7, "erased": line.id, "commitment": line.commitment.hex()})
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert faults_of(export) == [f"{ENTRIES}, line 8: entry {line.id} was erased, and no later entry says so"]


def test_a_part_has_a_log_of_its_own_that_counts_nothing_hidden(hall: Hall, tmp_path: Path) -> None:
    exports = []
    for number in range(2):
        with hall.vault.reading(hall.reader("low", "PUBLIC")) as session:
            size = audit_export.part(hall.vault, tmp_path / str(number), session, "p")
        hall.act("bert", "CONFIDENTIAL//PII")
        hall.vault.audit_log.take_up()
        exports.append(
            {path.name: path.read_bytes() for path in (tmp_path / str(number)).rglob("*") if path.is_file()}
        )
    assert exports[0] == exports[1]
    assert (tmp_path / "0" / CHECKPOINT).read_text().split("\n")[1] == str(size)
    assert faults_of(tmp_path / "0") == []


@pytest.fixture(scope="session")
def shared_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small export without a vault around it."""
    from strongroom.vault.checkpoints import Signer

    signer = Signer(bytes(32))
    folder = tmp_path_factory.mktemp("shared") / "export"
    with audit_export._Export(folder, signer.key) as export:
        for number in range(300):
            salt = random.Random(number).randbytes(16)
            entry = dict.fromkeys(strongroom_verify.FIELDS) | {"id": f"{number:032}", "facts": {}}
            line = {"n": number, "salt": salt.hex(), "entry": entry}
            export.add(line, strongroom_verify.commitment_of(salt, entry))
        export.finish(signer.checkpoint(300, export.tree.root()))
    return folder


def run(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as error:  # argparse says it in words
        return int(error.code or 0)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from([ENTRIES, CHECKPOINT, KEY, "tile/0/000"]), content=st.binary(max_size=400))
@example(name=ENTRIES, content=b"[" * 100_000)
@example(name=ENTRIES, content=b'{"n":' + b"9" * 5000 + b"}\n")
@example(name=ENTRIES, content=b'{"n":1e999,"salt":"","entry":{}}\n')
@example(name=ENTRIES, content=b"x" * (3 << 20))
@example(name=CHECKPOINT, content="a\n9999999999999999999999\nAAAA\n\n\u2014 a b\n".encode())
def test_the_verifier_answers_any_content_in_words(
    name: str, content: bytes, shared_export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared_export / name
    whole = path.read_bytes()
    path.write_bytes(content)
    try:
        status = run(str(shared_export))
    finally:
        path.write_bytes(whole)
    told = capsys.readouterr()
    assert status in (1, 2)
    assert "Traceback" not in told.out + told.err
    assert (told.out if status == 1 else told.err).startswith(("DIFFERS", "UNREADABLE"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from(["format", "key", "checkpoint", "line", "hashes", "old", "growth", "other"]),
        JSON | st.just(strongroom_verify.PROOF_FORMAT),
    )
    | JSON,
    st.binary(max_size=60),
)
def test_the_verifier_answers_any_proof_in_words(document: object, raw: bytes) -> None:
    for content in (raw, json.dumps(document).encode()):
        with suppress(UnreadableError):
            assert isinstance(check_proof(content, None, []), Findings)


@pytest.mark.parametrize(
    "arguments", [("no-such-folder",), (".", "--key", "nonsense"), ("a\0b",), (".", "--since", "no-such")]
)
def test_what_cannot_be_read_is_told_so(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert capsys.readouterr().err.startswith("UNREADABLE")
