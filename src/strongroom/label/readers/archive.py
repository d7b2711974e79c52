"""A zip of text files, one item a file, read with a hand on the purse.

Nothing is unpacked to disk and no name in the archive is used as a path. What counts is what comes out, not what the
headers say: size, number and ratio are measured while reading. The line of an item is its number in the archive.
"""

from __future__ import annotations

import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from strongroom.errors import InvalidError
from strongroom.label.readers import encoding
from strongroom.label.readers.plain import tidy
from strongroom.label.readers.row import MAX_TEXT, Refusal, RefusedError, Row, row
from strongroom.label.schemas import ImportOptions

MAX_MEMBERS = 200_000
MAX_DIRECTORY_BYTES = 64 << 20
MAX_TOTAL_BYTES = 2 << 30
MAX_RATIO = 200
_FREE_BYTES = 10 << 20
"""So much may come out whatever the ratio: small files of zeros are no bomb."""
_TEXT_SUFFIXES = (".txt", ".text", ".md", ".rst", ".log", ".eml", ".html", ".htm", ".xml")


def read(stream: BinaryIO, name: str, options: ImportOptions) -> Iterator[Row | Refusal]:
    """Raises InvalidError for something that is no zip, and for a bomb."""
    size = _refuse_a_large_directory(stream)
    budget = _Budget(size)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [member for member in archive.infolist() if not member.filename.endswith("/")]
            for number, member in enumerate(members, 1):
                place = member.filename[:500]
                try:
                    content = _content(archive, member, budget)
                    text = tidy(_decoded(content, options.encoding))
                    yield row(number, number, place, text=text, external_id=place)
                except RefusedError as refused:
                    yield Refusal(number, number, place, refused.reason, refused.expected)
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        struct.error,
        UnicodeError,
        ValueError,
    ) as error:
        raise InvalidError(f"The file is not a sound zip archive: {error}.") from None


class _Budget:
    def __init__(self, compressed: int) -> None:
        self.limit = min(MAX_TOTAL_BYTES, max(_FREE_BYTES, compressed * MAX_RATIO))
        self.spent = 0

    def spend(self, count: int) -> None:
        self.spent += count
        if self.spent > self.limit:
            raise InvalidError(
                f"The archive unpacks to more than {self.limit:,} bytes: that looks like a zip bomb, and reading stopped.",
                kept="Files that came before are imported.",
                remedy=f"Split it; at most {MAX_RATIO} times its size and {MAX_TOTAL_BYTES:,} bytes may come out of one.",
            )


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget) -> bytes:
    if not member.filename.lower().endswith(_TEXT_SUFFIXES):
        raise RefusedError("not a text file by its name", ", ".join(_TEXT_SUFFIXES))
    if member.flag_bits & 0x1:
        raise RefusedError("is encrypted")
    limit = MAX_TEXT * 4 + 4
    parts: list[bytes] = []
    length = 0
    try:
        with archive.open(member) as file:
            while length <= limit and (part := file.read(65_536)):
                budget.spend(len(part))
                parts.append(part)
                length += len(part)
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        ValueError,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise RefusedError(f"can't be unpacked ({error})") from None
    except OSError as error:
        # A place before the file's beginning, and what bz2 says of bytes that are none of its own. Not a disk that fails.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise RefusedError("can't be unpacked") from None
    if length > limit:
        raise RefusedError("the file is too large", f"at most {MAX_TEXT:,} characters")
    return b"".join(parts)


def _decoded(content: bytes, declared: str | None) -> str:
    import io

    codec = encoding.detect(io.BytesIO(content), declared)
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise RefusedError(f"byte {error.start:,} is not {codec}", "UTF-8 or UTF-16") from None


class _Directory(NamedTuple):
    members: int
    size: int


def _refuse_a_large_directory(stream: BinaryIO) -> int:
    """zipfile reads the whole list of members into memory, so its size is checked before. Returns the file's size."""
    stream.seek(0, 2)
    size = stream.tell()
    found = _directory(stream, size)
    stream.seek(0)
    if found is not None and (found.members > MAX_MEMBERS or found.size > MAX_DIRECTORY_BYTES):
        raise InvalidError(
            f"The archive lists {found.members:,} files; at most {MAX_MEMBERS:,} are taken at once."
        )
    return size


def _directory(stream: BinaryIO, size: int) -> _Directory | None:
    tail = min(size, 65_557)
    stream.seek(size - tail)
    block = stream.read(tail)
    at = block.rfind(b"PK\5\6")
    if at < 0 or len(block) - at < 22:
        return None
    members, directory = struct.unpack_from("<HI", block, at + 10)
    if 0xFFFF not in (members,) and directory != 0xFFFFFFFF:
        return _Directory(members, directory)
    locator = block.rfind(b"PK\6\7", 0, at)
    if locator < 0:
        return _Directory(members, directory)
    (offset,) = struct.unpack_from("<Q", block, locator + 8)
    stream.seek(min(offset, size))
    record = stream.read(56)
    if len(record) < 56 or not record.startswith(b"PK\6\6"):
        return _Directory(members, directory)
    members, directory = struct.unpack_from("<QQ", record, 32)
    return _Directory(members, directory)
