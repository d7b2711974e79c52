"""An export as one file to download: a zip of the folder that strongroom_verify.py reads."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from strongroom.audit.sight import sees_everything
from strongroom.vault import Vault, audit_export, clock, ids
from strongroom.vault.reader import Reader

NAME = "strongroom-audit"
_PIECE_BYTES = 1 << 20


def zipped(vault: Vault, reader: Reader) -> IO[bytes]:
    """What this reader may take along, as an open temporary file. Everybody else's entries leave no trace in it, not even in
    its size. The export is on record before the first byte leaves."""
    everything = sees_everything(vault, reader.clearance)
    if everything:
        vault.audit_log.take_up()
    with tempfile.TemporaryDirectory(prefix="strongroom-audit-") as scratch:
        folder = Path(scratch) / NAME
        with vault.reading(reader) as session:
            if everything:
                audit_export.whole(vault, folder, session)
            else:
                audit_export.part(vault, folder, session, ids.new_id()[:16])
            session.audit("audit.export", "audit_log", None, whole=everything)
        return _zip(folder)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _zip(folder: Path) -> IO[bytes]:
    """Entries in a fixed order with one time: the same export is the same file."""
    when = max(clock.now().timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    info = zipfile.ZipInfo(f"{NAME}/{path.relative_to(folder).as_posix()}", when)
                    info.compress_type = zipfile.ZIP_DEFLATED
                    info.external_attr = 0o600 << 16
                    with path.open("rb") as source, archive.open(info, "w") as target:
                        shutil.copyfileobj(source, target)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
