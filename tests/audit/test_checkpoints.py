"""Checkpoints are signed notes that other programs read, and only those that this log signed are taken."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.vault.checkpoints import Signer
from strongroom.vault.strongroom_verify import Checkpoint, PublicKey, UnreadableError, bundle, tile_path

#: The example of Go's `golang.org/x/mod/sumdb/note`, from which C2SP signed-note was written.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
GO_NOTE = f"{GO_TEXT}\n\N{EM DASH} PeterNeumann {GO_SIGNATURE}\n"
#: The private key of the same example: PRIVATE+KEY+PeterNeumann+c74f20a3+…
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]

SIGNER = Signer(bytes(range(32)))
ROOT = bytes(range(32))
NOTE = SIGNER.checkpoint(17, ROOT)


def test_the_note_of_the_reference_implementation_is_read() -> None:
    key = PublicKey.read(GO_KEY)
    assert str(key) == GO_KEY
    assert key.opened(GO_NOTE) == GO_TEXT


def test_the_signature_is_that_of_the_reference_implementation() -> None:
    signer = Signer(GO_SEED)
    signer.key = PublicKey.read(GO_KEY)
    assert signer._signed(GO_TEXT) == GO_NOTE


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    origin, size, root, blank, signature, end = NOTE.split("\n")
    assert (origin, size, blank, end) == (SIGNER.key.name, "17", "", "")
    assert base64.b64decode(root) == ROOT
    assert signature.startswith(f"\N{EM DASH} {SIGNER.key.name} ")
    assert Checkpoint.opened(NOTE, SIGNER.key) == Checkpoint(SIGNER.key.name, 17, ROOT)


def test_another_log_has_another_name_and_its_checkpoints_are_not_taken() -> None:
    other = Signer(bytes(32))
    assert other.key.name != SIGNER.key.name
    with pytest.raises(UnreadableError, match="isn't signed by"):
        Checkpoint.opened(other.checkpoint(17, ROOT), SIGNER.key)


def test_what_the_key_signed_for_another_purpose_is_no_checkpoint_of_this_log() -> None:
    foreign = SIGNER._signed(Checkpoint("somebody else", 17, ROOT).text())
    with pytest.raises(UnreadableError, match="another log"):
        Checkpoint.opened(foreign, SIGNER.key)


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_a_note_with_one_byte_changed_is_not_taken(place: int, change: int) -> None:
    raw = bytearray(NOTE.encode())
    raw[place] ^= change
    with pytest.raises(UnreadableError):
        Checkpoint.opened(bytes(raw).decode("utf-8", errors="replace"), SIGNER.key)


@given(st.integers(0, len(GO_KEY) - 1), st.characters(codec="ascii"))
def test_a_key_with_one_character_changed_is_not_taken(place: int, other: str) -> None:
    changed = GO_KEY[:place] + other + GO_KEY[place + 1 :]
    if changed.strip() != GO_KEY:
        with pytest.raises(UnreadableError):
            PublicKey.read(changed)


@given(st.text())
def test_whatever_is_given_for_a_note_or_a_key_is_refused_in_words(text: str) -> None:
    for read in (lambda: Checkpoint.opened(text, SIGNER.key), lambda: PublicKey.read(text)):
        with pytest.raises(UnreadableError):
            read()


def test_further_signatures_are_let_be() -> None:
    """A witness may have signed, too."""
    both = NOTE + Signer(bytes(32)).checkpoint(17, ROOT).splitlines(keepends=True)[-1]
    assert Checkpoint.opened(both, SIGNER.key).size == 17


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (5, 256, "tile/0/005"),
        (1234067, 256, "tile/0/x001/x234/067"),  # the example of C2SP tlog-tiles
        (273, 112, "tile/0/273.p/112"),
    ],
)
def test_tiles_lie_where_the_specification_says(number: int, width: int, path: str) -> None:
    assert tile_path(0, number, width) == path


def test_entries_lie_in_bundles_each_after_its_length() -> None:
    assert tile_path("entries", 0) == "tile/entries/000"
    assert bundle([b"abc", b""]) == b"\x00\x03abc\x00\x00"
