#!/usr/bin/env python3
"""Verify an export of a Strongroom audit log, or a single proof, without Strongroom and without its server.

    python strongroom_verify.py EXPORT_FOLDER [--key KEY] [--since OLDER_CHECKPOINT ...]
    python strongroom_verify.py PROOF.json    [--key KEY] [--since OLDER_CHECKPOINT ...]

This one file needs Python 3.11 or newer and the package `cryptography`, nothing else. KEY is the log's public key, or a
file that holds it; take it from the operator on another way than the export, else it proves only that the export fits
itself. An older checkpoint, kept from before, proves that the log only grew since.

Exit status: 0 all holds; 1 something differs, and where is said; 2 what was given can't be read at all.

The formats are those of RFC 6962 (Merkle tree), C2SP tlog-tiles, tlog-checkpoint and signed-note. Line n of `entries.jsonl`
holds entry n. Its leaf is SHA-256(0x00 || commitment), its commitment SHA-256(salt || content), its content the JSON of
the entry with sorted keys, no spaces, and ASCII alone.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH_BYTES = 32
SALT_BYTES = ID_BYTES = 16
WIDTH = 256
"""Hashes in a full tile."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
ENTRIES, CHECKPOINT, KEY, SELF = "entries.jsonl", "checkpoint", "key", "strongroom_verify.py"
PROOF_FORMAT = "strongroom-audit-proof-1"
PART = "/part"
"""What the origin of a log ends with that holds a part of the entries only."""
ERASURE = "audit.erase"
"""The action by which an entry's content is erased."""
FIELDS = (
    "action", "actor_id", "at", "clearance", "facts", "how", "id", "kind", "level", "marking", "object_id",
    "outcome", "request_id", "scheme_hash",
)  # fmt: skip
_ED25519 = b"\x01"
_DASH = "\N{EM DASH} "
_LONGEST_LINE = 1 << 20
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
_SHOWN = 20


class UnreadableError(Exception):
    """What was given isn't what it should be; the words say what and where."""


# The tree


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that only grows: the roots of its perfect subtrees, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        merges = (~self.size & (self.size + 1)).bit_length() - 1  # trailing ones of the size
        for _ in range(merges):
            leaf = node_hash(self._peaks.pop(), leaf)
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def holds_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that `leaf` is number `index` of the tree with `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def holds_consistency(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not hashes:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """Where a tile lies (C2SP tlog-tiles); `level` is a number, or "entries"."""
    parts: list[str] = []
    rest = number
    while True:
        rest, part = divmod(rest, 1000)
        parts.append(f"{part:03}" if not parts else f"x{part:03}")
        if not rest:
            break
    tail = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(parts))}{tail}"


def bundle(commitments: Sequence[bytes]) -> bytes:
    """An entry bundle (C2SP tlog-tiles): each entry after its length in two bytes."""
    return b"".join(len(each).to_bytes(2, "big") + each for each in commitments)


# Entries


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, without spaces, in ASCII: one text for one value."""
    return _CANONICAL.encode(value).encode("ascii")


def commitment_of(salt: bytes, content: dict[str, Any]) -> bytes:
    """What the log keeps of an entry: says nothing about it to those who don't have the salt."""
    return hashlib.sha256(salt + canonical(content)).digest()


@dataclass(frozen=True)
class Line:
    """A line of an export. `entry` is None where the content was erased or is missing."""

    n: int
    id: str
    commitment: bytes
    entry: dict[str, Any] | None = None
    missing: bool = False

    @classmethod
    def read(cls, raw: bytes) -> Line:
        """Raises UnreadableError with what is wrong."""
        if len(raw) > _LONGEST_LINE:
            raise UnreadableError("is longer than an entry can be")
        try:
            found = json.loads(raw)
            written = canonical(found)
        except (ValueError, RecursionError):
            raise UnreadableError("isn't JSON") from None
        if not isinstance(found, dict) or type(found.get("n")) is not int:
            raise UnreadableError("isn't an entry")
        if written != raw:
            raise UnreadableError("isn't written as it should be")
        if found.keys() == {"entry", "n", "salt"}:
            return cls._whole(found)
        for word, missing in (("erased", False), ("missing", True)):
            if found.keys() == {word, "n", "commitment"}:
                return cls(
                    found["n"], _id(found[word]), unhex(found["commitment"], HASH_BYTES), None, missing
                )
        raise UnreadableError("isn't an entry")

    @classmethod
    def _whole(cls, found: dict[str, Any]) -> Line:
        entry = found["entry"]
        if not isinstance(entry, dict) or tuple(sorted(entry)) != FIELDS:
            raise UnreadableError("isn't an entry")
        salt = unhex(found["salt"], SALT_BYTES)
        return cls(found["n"], _id(entry["id"]), commitment_of(salt, entry), entry)


# Signed checkpoints


def unhex(text: object, size: int) -> bytes:
    """Bytes from lower-case hex; UnreadableError for anything else, whatever else would mean the same."""
    if not isinstance(text, str) or not re.fullmatch(rf"[0-9a-f]{{{2 * size}}}", text):
        raise UnreadableError(f"holds {size} bytes in a way that can't be read")
    return bytes.fromhex(text)


def _id(text: object) -> str:
    """The id of an entry, which is printed: nothing else may come out as words of this program."""
    return unhex(text, ID_BYTES).hex()


def _unbase64(text: object, what: str) -> bytes:
    try:
        raw = base64.b64decode(str(text).encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise UnreadableError(f"{what} isn't base64") from None
    if base64.b64encode(raw).decode() != text:
        raise UnreadableError(f"{what} isn't base64 as it should be")
    return raw


@dataclass(frozen=True)
class PublicKey:
    """An Ed25519 key with a name, as C2SP signed-note writes it: name+id+key."""

    name: str
    raw: bytes

    @classmethod
    def read(cls, text: str) -> PublicKey:
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not _is_name(parts[0]):
            raise UnreadableError("The key isn't one: it looks like name+id+base64.")
        name, number, encoded = parts
        raw = _unbase64(encoded, "The key")
        if len(raw) != 1 + HASH_BYTES or raw[:1] != _ED25519:
            raise UnreadableError("The key isn't an Ed25519 key.")
        key = cls(name, raw[1:])
        if number != key.id.hex():
            raise UnreadableError("The key was changed: its id doesn't fit it.")
        return key

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.raw).decode()}"

    def opened(self, note: str) -> str:
        """The text of a note that this key signed; UnreadableError for any other."""
        text, blank, signatures = note.rpartition("\n\n")
        text += "\n"
        if not blank or not signatures.endswith("\n") or "\r" in note:
            raise UnreadableError("isn't a signed note")
        lines = signatures[:-1].split("\n")
        if not lines or len(lines) > 100:
            raise UnreadableError("isn't a signed note")
        mine = []
        for line in lines:
            name, _, encoded = line.removeprefix(_DASH).partition(" ")
            if not line.startswith(_DASH) or not _is_name(name):
                raise UnreadableError("has a signature line that isn't one")
            signed = _unbase64(encoded, "its signature")
            if name == self.name and signed[:4] == self.id:
                mine.append(signed[4:])
        if not mine:
            raise UnreadableError(f"isn't signed by {self.name}+{self.id.hex()}")
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(mine[0], text.encode())
        except (InvalidSignature, ValueError):
            raise UnreadableError("has a signature that doesn't fit it") from None
        return text


def _is_name(name: str) -> bool:
    return bool(name) and not re.search(r"[\s+]", name)


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: so many entries, this root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]):
            raise UnreadableError("isn't a checkpoint")
        root = _unbase64(lines[2], "its root")
        if len(root) != HASH_BYTES:
            raise UnreadableError("has a root that isn't one")
        return cls(lines[0], int(lines[1]), root)

    @classmethod
    def opened(cls, note: str, key: PublicKey) -> Checkpoint:
        """The checkpoint in a note that `key` signed for its own log, or for a part of it."""
        checkpoint = cls.parse(key.opened(note))
        if checkpoint.origin.split(PART)[0] != key.name:
            raise UnreadableError("is of another log")
        return checkpoint


# Verifying


@dataclass
class Findings:
    """What was found, in words."""

    proven: list[str] = field(default_factory=list)
    not_proven: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def check_export(folder: Path, key: PublicKey | None, since: Sequence[Checkpoint]) -> Findings:
    """Compare everything in an export with everything else in it. UnreadableError when there is nothing to begin with."""
    found = Findings()
    trusted = key is not None
    try:
        key = key or PublicKey.read(_text(folder / KEY))
    except UnreadableError as error:
        raise UnreadableError(f"{KEY}: {error}") from None
    if _text(folder / KEY) != f"{key}\n":
        found.faults.append(f"{KEY}: isn't the key as it should be")
    checkpoint = None
    try:
        checkpoint = Checkpoint.opened(_text(folder / CHECKPOINT), key)
    except UnreadableError as error:
        found.faults.append(f"{CHECKPOINT}: {error}")
    walk = _Walk(folder, found, {old.size for old in since})
    if (folder / ENTRIES).is_symlink():  # it might lead to something without an end
        raise UnreadableError(f"{ENTRIES} is a link.")
    tree = walk.entries()
    if checkpoint is not None:
        _compare(found, tree, checkpoint)
        _since(found, walk, checkpoint, since)
    _words(found, walk, checkpoint, key, trusted)
    return found


def _compare(found: Findings, tree: Frontier, checkpoint: Checkpoint) -> None:
    if tree.size != checkpoint.size:
        found.faults.append(
            f"{ENTRIES}: holds {tree.size} entries where the checkpoint says {checkpoint.size}"
        )
    elif tree.root() != checkpoint.root:
        found.faults.append(f"{CHECKPOINT}: its root isn't that of the {tree.size} entries")


def _since(found: Findings, walk: _Walk, checkpoint: Checkpoint, since: Sequence[Checkpoint]) -> None:
    for old in since:
        if old.origin != checkpoint.origin:
            found.faults.append(f"older checkpoint over {old.size} entries: is of another log, {old.origin}")
        elif old.size > checkpoint.size:
            found.faults.append(
                f"older checkpoint over {old.size} entries: the log has only {checkpoint.size} now, so it was rolled back"
            )
        elif walk.roots.get(old.size) != old.root:
            found.faults.append(
                f"older checkpoint over {old.size} entries: the first {old.size} entries aren't those of then"
            )
        else:
            found.proven.append(
                f"The first {old.size} entries are those of the older checkpoint: the log only grew."
            )


def _words(
    found: Findings, walk: _Walk, checkpoint: Checkpoint | None, key: PublicKey, trusted: bool
) -> None:
    if found.faults:
        found.proven.clear()
        return
    part = checkpoint is not None and checkpoint.origin != key.name
    found.proven.insert(0, f"The checkpoint is signed by {key.name}+{key.id.hex()}.")
    found.proven.insert(
        1, f"Each of {walk.whole} entries is the one that the log took up, byte for byte, in its place."
    )
    if walk.erased:
        found.proven.append(
            f"{walk.erased} more were there and their content was erased since; each erasure is itself an entry."
        )
    if not trusted:
        found.not_proven.append(
            "That the key is the log's: it came with the export. Compare it with one that you have from elsewhere (--key)."
        )
    if part:
        found.not_proven.append("That these are all the entries: it is the part that the exporter may read.")
        found.not_proven.append(
            "That none of them changed between act and export: a part has no place in the whole log."
        )
    elif not any("only grew" in line for line in found.proven):
        found.not_proven.append(
            "That the log wasn't begun anew: give a checkpoint that you kept from before (--since)."
        )
    found.not_proven.append(
        "That what an entry says is true, or that everything done was recorded: that is the program's part."
    )


class _Walk:
    """Goes through the entries of an export once, and builds from them everything else that must be there.

    A line, its place in the bundle and its hash in the tile tell of the same entry: where two agree, the third differs.
    """

    def __init__(self, folder: Path, found: Findings, notable: set[int]) -> None:
        self._folder = folder
        self._found = found
        self._notable = notable
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}
        self.whole = self.erased = 0
        self._tree = Frontier()
        self._blank: set[str] = set()
        self._unexplained: dict[str, int] = {}
        self._levels: list[list[bytes]] = []
        self._counts: list[int] = []
        self._expected = {ENTRIES, CHECKPOINT, KEY, SELF}

    def entries(self) -> Frontier:
        commitments: list[bytes | None] = []
        for n, raw in enumerate(_lines(self._folder / ENTRIES)):
            commitments.append(self._line(n, raw))
            if len(commitments) == WIDTH:
                self._settle(commitments)
                commitments = []
        if commitments:
            self._settle(commitments)
        for level, hashes in enumerate(self._levels):
            if level and hashes:
                self._tile(level, hashes)
        for entry_id, n in self._unexplained.items():
            self._fault(n, f"entry {entry_id} was erased, and no later entry says so")
        self._strangers()
        return self._tree

    def _line(self, n: int, raw: bytes) -> bytes | None:
        """The commitment of a line; None when it can't be read, which is a fault."""
        try:
            line = Line.read(raw)
        except UnreadableError as error:
            self._fault(n, str(error))
            return None
        if line.n != n:
            self._fault(n, f"says that it is number {line.n}")
        if line.missing:
            self._fault(n, f"entry {line.id} was gone when the log was exported")
        elif line.entry is None:
            self.erased += 1
            if line.id in self._blank:  # one erasure explains one entry
                self._fault(n, f"is another that says it was entry {line.id}")
            self._blank.add(line.id)
            self._unexplained[line.id] = n
        else:
            self.whole += 1
            if line.entry["action"] == ERASURE:
                self._unexplained.pop(str(line.entry["object_id"]), None)
        return line.commitment

    def _settle(self, commitments: list[bytes | None]) -> None:
        """Compare a tile's worth of lines with its tile and its bundle, and let the tree grow by what most of them say."""
        first, width = self._tree.size, len(commitments)
        tile_name = tile_path(0, first // WIDTH, width)
        bundle_name = tile_path("entries", first // WIDTH, width)
        tile = self._pieces(tile_name, width, HASH_BYTES)
        bundled = self._pieces(bundle_name, width, 2 + HASH_BYTES)
        for place, commitment in enumerate(commitments):
            n = first + place
            by_line = leaf_hash(commitment) if commitment is not None else None
            by_bundle = None if bundled is None else _leaf_in_bundle(bundled[place])
            by_tile = None if tile is None else tile[place]
            leaf = _most([by_line, by_bundle, by_tile])
            here = f"entry {n} ({ENTRIES}, line {n + 1})"
            if by_line is not None and by_line != leaf:
                self._fault(n, "isn't what the log took up")
            if bundled is not None and by_bundle != leaf:
                self._found.faults.append(f"{bundle_name}: doesn't fit {here}")
            if tile is not None and by_tile != leaf:
                self._found.faults.append(f"{tile_name}: doesn't fit {here}")
            self._tree.append(leaf)
            if self._tree.size in self._notable:
                self.roots[self._tree.size] = self._tree.root()
            self._add(0, leaf)

    def _add(self, level: int, node: bytes) -> None:
        if level == len(self._levels):
            self._levels.append([])
            self._counts.append(0)
        hashes = self._levels[level]
        hashes.append(node)
        if len(hashes) == WIDTH:
            if level:
                self._tile(level, hashes)
            self._counts[level] += 1
            self._levels[level] = []
            self._add(level + 1, root_of(hashes))

    def _tile(self, level: int, hashes: list[bytes]) -> None:
        number = self._counts[level]
        name = tile_path(level, number, len(hashes))
        for place, piece in enumerate(self._pieces(name, len(hashes), HASH_BYTES) or []):
            if piece != hashes[place]:
                self._found.faults.append(
                    f"{name}: doesn't fit subtree {number * WIDTH + place} of level {level}"
                )

    def _pieces(self, name: str, count: int, each: int) -> list[bytes] | None:
        """A file in pieces of a size; None when it isn't there or has another size, which is a fault."""
        self._expected.add(name)
        try:
            got = (self._folder / name).read_bytes()
        except OSError:
            self._found.faults.append(f"{name}: is missing")
            return None
        if len(got) != count * each:
            self._found.faults.append(f"{name}: has {len(got)} bytes where {count * each} should be")
            return None
        return [got[at : at + each] for at in range(0, len(got), each)]

    def _strangers(self) -> None:
        try:
            for path in sorted(self._folder.rglob("*")):
                name = path.relative_to(self._folder).as_posix()
                if path.is_symlink():
                    self._found.faults.append(f"{name}: is a link")
                elif not path.is_dir() and name not in self._expected and "__pycache__" not in name:
                    self._found.faults.append(f"{name}: doesn't belong to the export")
        except OSError as error:
            raise UnreadableError(f"{self._folder}: {error.strerror}") from None

    def _fault(self, n: int, what: str) -> None:
        self._found.faults.append(f"{ENTRIES}, line {n + 1}: {what}")


def _leaf_in_bundle(piece: bytes) -> bytes | None:
    return leaf_hash(piece[2:]) if piece[:2] == HASH_BYTES.to_bytes(2, "big") else None


def _most(told: Sequence[bytes | None]) -> bytes:
    """What two of three say; the last that says anything when no two agree."""
    heard = [each for each in told if each is not None]
    for each in heard:
        if heard.count(each) > 1:
            return each
    return heard[-1] if heard else bytes(HASH_BYTES)


def check_proof(raw: bytes, key: PublicKey | None, since: Sequence[Checkpoint]) -> Findings:
    """Check a proof that one entry is in the log, and that the log grew from an older checkpoint where it says so."""
    found = Findings()
    proof = _proof(raw)
    trusted = key is not None
    key = key or PublicKey.read(proof["key"])
    try:
        checkpoint = Checkpoint.opened(proof["checkpoint"], key)
    except UnreadableError as error:
        found.faults.append(f"checkpoint: {error}")
        return found
    if checkpoint.origin != key.name:
        found.faults.append("checkpoint: is of a part, which proves nothing about the log")
        return found
    found.proven.append(
        f"The checkpoint over {checkpoint.size} entries is signed by {key.name}+{key.id.hex()}."
    )
    if "line" in proof:
        _check_line(found, proof, checkpoint)
    if "old" in proof:
        _check_growth(found, proof, checkpoint, key, since)
    elif since:
        found.not_proven.append(
            "That the log only grew since the older checkpoint: the proof holds nothing about it."
        )
    if not trusted:
        found.not_proven.append(
            "That the key is the log's: it came with the proof. Compare it with one that you have from elsewhere (--key)."
        )
    if found.faults:
        found.proven.clear()
    return found


def _proof(raw: bytes) -> dict[str, Any]:
    try:
        proof = json.loads(raw, object_pairs_hook=each_once)
    except (ValueError, RecursionError):
        raise UnreadableError("The proof isn't JSON that says each thing once.") from None
    known = {"format", "key", "checkpoint", "line", "hashes", "old", "growth"}
    if not isinstance(proof, dict) or proof.get("format") != PROOF_FORMAT or not proof.keys() <= known:
        raise UnreadableError("That isn't a proof of this kind.")
    pairs = (("line", "hashes"), ("old", "growth"))
    if not isinstance(proof.get("key"), str) or not isinstance(proof.get("checkpoint"), str):
        raise UnreadableError("The proof lacks its key or its checkpoint.")
    if any((a in proof) != (b in proof) for a, b in pairs) or not ("line" in proof or "old" in proof):
        raise UnreadableError("The proof lacks a part.")
    return proof


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What stands twice would be read one way here, and another way by people."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _check_line(found: Findings, proof: dict[str, Any], checkpoint: Checkpoint) -> None:
    try:
        line = Line.read(canonical(proof["line"]))
        path = _hashes(proof["hashes"])
    except (UnreadableError, ValueError, RecursionError) as error:
        found.faults.append(f"entry: {error}")
        return
    if line.missing:
        found.faults.append(f"entry {line.id}: was gone when the proof was made")
    elif not holds_inclusion(leaf_hash(line.commitment), line.n, checkpoint.size, path, checkpoint.root):
        found.faults.append(f"entry {line.id}: isn't number {line.n} of the log that the checkpoint is of")
    elif line.entry is None:
        found.proven.append(f"Something is number {line.n} of the log.")
        found.not_proven.append(
            f"That it was entry {line.id}, and was erased: only an export shows the erasure, which is an entry itself."
        )
    else:
        found.proven.append(f"Entry {line.id} is number {line.n} of the log, byte for byte as in the proof.")


def _check_growth(
    found: Findings,
    proof: dict[str, Any],
    checkpoint: Checkpoint,
    key: PublicKey,
    since: Sequence[Checkpoint],
) -> None:
    try:
        old = Checkpoint.opened(str(proof["old"]), key)
        path = _hashes(proof["growth"])
    except UnreadableError as error:
        found.faults.append(f"older checkpoint: {error}")
        return
    if any(given != old for given in since):
        found.faults.append("older checkpoint: isn't the one that was given")
    elif holds_consistency(old.size, old.root, checkpoint.size, checkpoint.root, path):
        found.proven.append(f"The log only grew since the older checkpoint over {old.size} entries.")
    else:
        found.faults.append(f"older checkpoint over {old.size} entries: the log isn't a continuation of it")


def _hashes(found: object) -> list[bytes]:
    if not isinstance(found, list) or len(found) > 200:
        raise UnreadableError("holds hashes in a way that can't be read")
    hashes = [_unbase64(each, "one of its hashes") for each in found]
    if any(len(each) != HASH_BYTES for each in hashes):
        raise UnreadableError("holds a hash that isn't one")
    return hashes


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while raw := file.readline(_LONGEST_LINE + 2):
                yield raw[:-1] if raw.endswith(b"\n") else raw + b"\x00"  # a line that isn't ended is a fault
    except OSError as error:
        raise UnreadableError(f"{path.name}: {error.strerror}.") from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UnreadableError(f"{path.name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableError(f"{path.name}: isn't text") from None


def _given_key(text: str | None) -> PublicKey | None:
    if text is None:
        return None
    try:
        return PublicKey.read(text)
    except UnreadableError:
        try:
            there = Path(text).is_file()
        except (OSError, ValueError):
            there = False
        if not there:
            raise
    return PublicKey.read(_text(Path(text)))


def _older(paths: Sequence[str], key: PublicKey | None, what: Path) -> list[Checkpoint]:
    """Older checkpoints are signed, too: by the key that was given, else by the one that came along."""
    if not paths:
        return []
    if key is None:
        key = PublicKey.read(_text(what / KEY) if what.is_dir() else str(_proof(what.read_bytes())["key"]))
    older = []
    for path in paths:
        try:
            older.append(Checkpoint.opened(_text(Path(path)), key))
        except UnreadableError as error:
            raise UnreadableError(f"{path} {error}.") from None
    return older


def verify(what: Path, key_text: str | None, since: Sequence[str]) -> Findings:
    """As the command line does. UnreadableError when it can't even begin."""
    try:
        key = _given_key(key_text)
        older = _older(since, key, what)
        if what.is_dir():
            return check_export(what, key, older)
        return check_proof(what.read_bytes(), key, older)
    except OSError as error:
        raise UnreadableError(f"{what}: {error.strerror}.") from None
    except ValueError:  # such as a name with a zero in it
        raise UnreadableError(f"{what} can't be read.") from None


def report(found: Findings) -> Iterator[str]:
    """What to print: each finding a line, whatever what was given is called."""
    return map(_printable, _report(found))


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _report(found: Findings) -> Iterator[str]:
    for line in found.faults[:_SHOWN]:
        yield f"DIFFERS   {line}"
    if len(found.faults) > _SHOWN:
        yield f"DIFFERS   and {len(found.faults) - _SHOWN} more"
    for line in found.proven:
        yield f"PROVEN    {line}"
    for line in found.not_proven:
        yield f"NOT SHOWN {line}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", metavar="EXPORT", help="the folder of an export, or the file of a proof")
    parser.add_argument("--key", help="the log's public key, or a file that holds it")
    parser.add_argument(
        "--since", action="append", default=[], metavar="CHECKPOINT", help="a file kept from before"
    )
    given = parser.parse_args(arguments)
    try:
        found = verify(Path(given.what), given.key, given.since)
    except UnreadableError as error:
        print(_printable(f"UNREADABLE {error}"), file=sys.stderr)
        return 2
    for line in report(found):
        print(line)
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
