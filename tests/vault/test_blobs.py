"""Files: durable before their row, encrypted with a key each, and never given out damaged."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_port import Port
from sqlalchemy import select

from strongroom.errors import NotFoundError, StorageFullError
from strongroom.vault import Blob, DamagedBlobError, blobs
from strongroom.vault.blobs import CHUNK_BYTES


def files(port: Port) -> list[Path]:
    return sorted(p for p in (port.vault.folder / "blobs").rglob("*") if p.is_file())


def put(port: Port, content: bytes) -> Blob:
    with port.vault.writing(port.anna) as session:
        return port.vault.blobs.put(session, content)


def read(port: Port, blob: Blob) -> bytes:
    with port.vault.reading(port.anna) as session:
        return b"".join(port.vault.blobs.open(session, blob.id))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_is_put_comes_back(port: Port, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    blob = put(port, content[:size])
    assert blob.size == size
    assert read(port, blob) == content[:size]


def test_streams_and_pieces_are_taken_too(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        one = port.vault.blobs.put(session, io.BytesIO(b"abc" * 1000))
        two = port.vault.blobs.put(session, (b"x" * 7 for _ in range(100_000)))
    assert read(port, one) == b"abc" * 1000
    assert read(port, two) == b"x" * 700_000


def test_nothing_readable_lies_on_disk(port: Port) -> None:
    blob = put(port, b"the harbour master's letter " * 20_000)
    (file,) = files(port)
    assert b"harbour" not in file.read_bytes()
    assert file.name == blob.id
    assert file.stat().st_mode & 0o077 == 0


def test_equal_bytes_are_kept_once_within_a_marking_and_twice_across(port: Port) -> None:
    low, again = put(port, b"same"), put(port, b"same")
    with port.vault.writing(port.bert, port.high) as session:
        high = port.vault.blobs.put(session, b"same")
    assert low.id == again.id
    assert high.id != low.id
    assert len(files(port)) == 2


def test_a_hidden_blob_is_not_found(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        blob = port.vault.blobs.put(session, b"secret")
    with port.vault.reading(port.anna) as session, pytest.raises(NotFoundError):
        port.vault.blobs.open(session, blob.id)


def _flip(sealed: bytes) -> bytes:
    return sealed[:10] + bytes([sealed[10] ^ 1]) + sealed[11:]


def _swap(sealed: bytes) -> bytes:
    chunk = CHUNK_BYTES + 16
    return sealed[chunk : 2 * chunk] + sealed[:chunk] + sealed[2 * chunk :]


@pytest.mark.parametrize(
    "damage",
    [
        _flip,
        _swap,
        lambda sealed: sealed[: CHUNK_BYTES + 16],
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + sealed,
        lambda sealed: b"",
    ],
)
def test_damaged_bytes_are_refused(port: Port, damage: object) -> None:
    content = bytes(range(256)) * (3 * CHUNK_BYTES // 256)
    blob = put(port, content)
    (file,) = files(port)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    given = bytearray()
    with port.vault.reading(port.anna) as session:
        pieces = port.vault.blobs.open(session, blob.id)
        with pytest.raises(DamagedBlobError):
            given.extend(b"".join(_collected(pieces, given)))
    assert content.startswith(given)


def _collected(pieces: Iterator[bytes], given: bytearray) -> Iterator[bytes]:
    for piece in pieces:
        given += piece
        yield b""


def test_the_bytes_of_another_blob_are_refused(port: Port) -> None:
    one, other = put(port, b"one"), put(port, b"two")
    places = {file.name: file for file in files(port)}
    places[one.id].write_bytes(places[other.id].read_bytes())
    with pytest.raises(DamagedBlobError):
        read(port, one)


def test_a_lost_file_is_damage(port: Port) -> None:
    blob = put(port, b"gone")
    files(port)[0].unlink()
    with pytest.raises(DamagedBlobError):
        read(port, blob)


def test_without_its_key_a_blob_is_noise(port: Port) -> None:
    blob = put(port, b"purged")
    port.force("update blob set key = :noise", noise=bytes(32))
    with pytest.raises(DamagedBlobError):
        read(port, blob)


def test_memory_stays_bounded(port: Port) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(64):
            yield b"z" * CHUNK_BYTES

    tracemalloc.start()
    staged = port.vault.blobs.stage(pieces())
    with port.vault.writing(port.anna) as session:
        blob = port.vault.blobs.put(session, staged)
    with port.vault.reading(port.anna) as session:
        size = sum(len(piece) for piece in port.vault.blobs.open(session, blob.id))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 64 * CHUNK_BYTES
    assert peak < 16 * CHUNK_BYTES


def test_a_source_that_breaks_leaves_nothing_behind(port: Port) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 1000
        raise ConnectionError

    with pytest.raises(ConnectionError):
        port.vault.blobs.stage(broken())
    assert files(port) == []


def test_a_full_disk_leaves_nothing_behind(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(blobs.os, "fsync", full)
    with pytest.raises(StorageFullError):
        port.vault.blobs.stage(b"x")
    assert files(port) == []


def test_a_row_that_is_taken_back_refers_to_nothing(port: Port) -> None:
    with pytest.raises(RuntimeError), port.vault.writing(port.anna) as session:  # noqa: PT012
        port.vault.blobs.put(session, b"x")
        raise RuntimeError
    with port.vault.reading(port.anna) as session:
        assert session.scalars(select(Blob)).all() == []
    assert port.vault.blobs.sweep(older_than_seconds=3600) == 0
    assert port.vault.blobs.sweep(older_than_seconds=0) == 1
    assert files(port) == []


def test_sweeping_keeps_what_rows_refer_to(port: Port) -> None:
    blob = put(port, b"kept")
    assert port.vault.blobs.sweep(older_than_seconds=0) == 0
    assert read(port, blob) == b"kept"
