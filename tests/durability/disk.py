"""A disk that forgets what wasn't synced.

`disk.c`, preloaded into a real server, writes down what the server does to the files of its workspace, and the
clients write what was acknowledged to them into the same record. From it, `Disk` rebuilds what may lie on a disk when the
power fails at any point. What was synced is there: a file's bytes after a sync of the file, a name after a sync of its
folder. Of the rest any part may be there: each sector of a write or none, a folder's changes of names up to any one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

import pytest

_HEAD = struct.Struct("<BQQI")


class What(IntEnum):
    """The kinds of record; the first nine are those of disk.c."""

    CREATE = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC_BEGINS = 4
    SYNC_ENDS = 5
    RENAME = 6
    UNLINK = 7
    MKDIR = 8
    RMDIR = 9
    SAID = 10


class Event(NamedTuple):
    what: What
    inode: int
    number: int
    data: bytes


class Watch:
    """The preloaded library at work on one folder: what a process needs in its environment, and the record."""

    def __init__(self, place: Path, folder: Path) -> None:
        """`place` takes the library, the record and the switch; `folder` is the workspace, made here, empty."""
        self.record = place / "record"
        self.switch = place / "switch"
        self.folder = folder
        self._library = place / "disk.so"
        build("disk.c", self._library)
        folder.mkdir(mode=0o700)
        self._note(What.MKDIR, folder.stat().st_ino, b"")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self._library),
            "DISK_FOLDER": str(self.folder),
            "DISK_LOG": str(self.record),
            "DISK_SWITCH": str(self.switch),
        }

    def say(self, **said: Any) -> None:
        """Puts into the record what a client was told, after all that led to it."""
        self._note(What.SAID, 0, json.dumps(said).encode())

    def refuse(self, error: int | None) -> None:
        """From now on whatever would change the folder fails with this number of an error; None lets it through."""
        if error is None:
            self.switch.unlink()
        else:
            aside = self.switch.with_suffix(".new")
            aside.write_text(str(error))
            aside.rename(self.switch)

    def events(self) -> list[Event]:
        return list(_read(self.record))

    def _note(self, what: What, inode: int, data: bytes) -> None:
        file = os.open(self.record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, _HEAD.pack(what, inode, 0, len(data)) + data)
        os.close(file)


def build(source: str, library: Path) -> None:
    """Compiles a library that is preloaded; skips where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip(f"no C compiler for {source}")
    options = ["-O1", "-Wall", "-Wextra", "-Wno-format-truncation", "-shared", "-fPIC"]
    subprocess.run(
        [compiler, *options, "-o", str(library), str(Path(__file__).with_name(source)), "-ldl"], check=True
    )


def _read(record: Path) -> Iterator[Event]:
    with record.open("rb") as file:
        while head := file.read(_HEAD.size):
            what, inode, number, length = _HEAD.unpack(head)
            yield Event(What(what), inode, number, file.read(length))


@dataclass
class _Change:
    """Of a file: bytes written at an offset; without bytes, a new size."""

    moment: int
    at: int
    data: bytes | None


@dataclass(eq=False)
class _File:
    content: bytearray = field(default_factory=bytearray)
    unsynced: list[_Change] = field(default_factory=list)

    def sync(self, before: int) -> None:
        for change in self.unsynced:
            if change.moment < before:
                _apply(self.content, change)
        self.unsynced = [change for change in self.unsynced if change.moment >= before]

    def after_a_cut(self, fate: Fate) -> bytes:
        content = bytearray(self.content)
        for change in self.unsynced:
            for part in fate.of_a_change(change):
                _apply(content, part)
        return bytes(content)


@dataclass(eq=False)
class _Folder:
    names: dict[str, _File | _Folder] = field(default_factory=dict)
    unsynced: list[tuple[int, str, _File | _Folder | None]] = field(default_factory=list)
    now: dict[str, _File | _Folder] = field(default_factory=dict)

    def change(self, moment: int, name: str, node: _File | _Folder | None) -> None:
        self.unsynced.append((moment, name, node))
        _rename(self.now, name, node)

    def sync(self, before: int) -> None:
        for moment, name, node in self.unsynced:
            if moment < before:
                _rename(self.names, name, node)
        self.unsynced = [change for change in self.unsynced if change[0] >= before]

    def after_a_cut(self, fate: Fate) -> dict[str, _File | _Folder]:
        names = dict(self.names)
        for _, name, node in fate.of_names(self.unsynced):
            _rename(names, name, node)
        return names


def _apply(content: bytearray, change: _Change) -> None:
    if change.data is None:
        del content[change.at :]
        content.extend(bytes(change.at - len(content)))
    else:
        content.extend(bytes(max(0, change.at - len(content))))
        content[change.at : change.at + len(change.data)] = change.data


def _rename(names: dict[str, _File | _Folder], name: str, node: _File | _Folder | None) -> None:
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


class Fate:
    """What becomes of the unsynced: `share` of the sectors of `sector` bytes is kept, and each folder's changes up to a
    chosen one. 0 keeps nothing, 1 everything."""

    def __init__(self, share: float, sector: int = 512, seed: int = 0) -> None:
        self.share, self._sector, self._chance = share, sector, random.Random(seed)

    def of_a_change(self, change: _Change) -> Iterator[_Change]:
        if change.data is None or self.share in (0.0, 1.0):
            if self._kept():
                yield change
            return
        edge = change.at
        end = change.at + len(change.data)
        while edge < end:
            following = min(end, (edge // self._sector + 1) * self._sector)
            if self._kept():
                yield _Change(change.moment, edge, change.data[edge - change.at : following - change.at])
            edge = following

    def of_names(self, changes: list[Any]) -> list[Any]:
        if self.share in (0.0, 1.0):
            return changes if self.share else []
        return changes[: self._chance.randint(0, len(changes))]

    def _kept(self) -> bool:
        return self._chance.random() < self.share


class Disk:
    """The watched folder as the record says, event by event."""

    def __init__(self) -> None:
        self._root = _Folder()
        self._nodes: dict[int, _File | _Folder] = {}
        self._syncs: dict[int, tuple[_File | _Folder, int]] = {}
        self._moment = 0
        self.said: list[dict[str, Any]] = []

    def take(self, event: Event) -> None:
        self._moment += 1
        what, inode, number, data = event
        if what is What.WRITE:
            self._file(inode).unsynced.append(_Change(self._moment, number, data))
        elif what is What.TRUNCATE:
            self._file(inode).unsynced.append(_Change(self._moment, number, None))
        elif what is What.SYNC_BEGINS:
            self._syncs[number] = (self._nodes[inode], self._moment)
        elif what is What.SYNC_ENDS:
            node, began = self._syncs.pop(number)
            node.sync(began)
        elif what is What.SAID:
            self.said.append(json.loads(data))
        else:
            self._take_name(what, inode, data.decode())

    def cut(self, target: Path, fate: Fate) -> None:
        """Lays what a power cut at this moment may leave into `target`."""
        self._lay(self._root, target, fate)

    def _take_name(self, what: What, inode: int, path: str) -> None:
        if what is What.MKDIR and not path:
            self._nodes[inode] = self._root
            return
        path, _, new = path.partition("\0")
        folder, name = self._parent(path)
        if what in (What.CREATE, What.MKDIR):
            self._nodes[inode] = node = _File() if what is What.CREATE else _Folder()
            folder.change(self._moment, name, node)
        elif what is What.RENAME:
            moved = folder.now[name]
            folder.change(self._moment, name, None)
            there, new_name = self._parent(new)
            there.change(self._moment, new_name, moved)
        else:
            folder.change(self._moment, name, None)

    def _parent(self, path: str) -> tuple[_Folder, str]:
        *above, name = path.strip("/").split("/")
        folder = self._root
        for part in above:
            below = folder.now[part]
            assert isinstance(below, _Folder)
            folder = below
        return folder, name

    def _file(self, inode: int) -> _File:
        node = self._nodes[inode]
        assert isinstance(node, _File)
        return node

    def _lay(self, folder: _Folder, target: Path, fate: Fate) -> None:
        target.mkdir(mode=0o700, exist_ok=True)
        for name, node in sorted(folder.after_a_cut(fate).items(), key=lambda pair: pair[0]):
            if isinstance(node, _Folder):
                self._lay(node, target / name, fate)
            else:
                (target / name).write_bytes(node.after_a_cut(fate))
