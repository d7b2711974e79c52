"""The tree over the audit log (RFC 6962): kept in tiles (C2SP tlog-tiles), from which roots and proofs are made.

Hashing and verifying are in strongroom_verify.py, which auditors run by itself. A tile holds up to 256 hashes: tile n of level 0
those of the leaves from 256 n, of level k + 1 those of the full tiles of level k.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from strongroom.vault.strongroom_verify import (
    EMPTY_ROOT,
    HASH_BYTES,
    WIDTH,
    Frontier,
    holds_consistency,
    holds_inclusion,
    leaf_hash,
    node_hash,
    root_of,
    tile_path,
)

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "WIDTH",
    "Filling",
    "Frontier",
    "Tree",
    "grown",
    "holds_consistency",
    "holds_inclusion",
    "leaf_hash",
    "node_hash",
    "root_of",
    "tile_path",
]

Tiles = Callable[[int, int], bytes]
"""(level, number) -> the hashes of that tile, at least as many as the tree had when it was asked for."""
_HEIGHT = 8
"""Levels of the tree in a tile."""


class Tree:
    """The first `size` leaves of what the tiles hold."""

    def __init__(self, tiles: Tiles, size: int) -> None:
        self._tiles = tiles
        self.size = size

    def leaf(self, index: int) -> bytes:
        """The leaf hash at `index`."""
        return self._perfect(0, index)

    def root(self) -> bytes:
        return self._over(0, self.size) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """The path that proves that a leaf is number `index`. IndexError beyond the end."""
        if not 0 <= index < self.size:
            raise IndexError(index)
        path: list[bytes] = []
        first, last = 0, self.size
        while last - first > 1:
            middle = first + _split(last - first)
            if index < middle:
                path.append(self._over(middle, last))
                last = middle
            else:
                path.append(self._over(first, middle))
                first = middle
        return path[::-1]

    def consistency(self, old: int) -> list[bytes]:
        """The path that proves that the tree of `old` leaves is the beginning of this one. IndexError beyond the end."""
        if not 0 <= old <= self.size:
            raise IndexError(old)
        if old in (0, self.size):
            return []
        path: list[bytes] = []
        first, last, known = 0, self.size, True
        while old != last:
            middle = first + _split(last - first)
            if old <= middle:
                path.append(self._over(middle, last))
                last = middle
            else:
                path.append(self._over(first, middle))
                first, known = middle, False
        return [*([] if known else [self._over(first, last)]), *path[::-1]]

    def _over(self, first: int, last: int) -> bytes:
        """The hash over the leaves from `first` up to `last`: a subtree as it occurs in the tree."""
        count = last - first
        if count & (count - 1) == 0:
            return self._perfect(count.bit_length() - 1, first // count)
        middle = first + _split(count)
        return node_hash(self._over(first, middle), self._over(middle, last))

    def _perfect(self, height: int, number: int) -> bytes:
        level, within = divmod(height, _HEIGHT)
        first = number << within
        place = first % WIDTH * HASH_BYTES
        hashes = self._tiles(level, first // WIDTH)[place : place + (HASH_BYTES << within)]
        return root_of([hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)])


class Filling:
    """Leaf hashes put into tiles as they come, from the first on. `tile(level, number, hashes)` is told each that is full,
    and at `finish` those that aren't."""

    def __init__(self, tile: Callable[[int, int, list[bytes]], None]) -> None:
        self._tile = tile
        self._rows: list[list[bytes]] = []
        self._numbers: list[int] = []

    def add(self, node: bytes, level: int = 0) -> None:
        if level == len(self._rows):
            self._rows.append([])
            self._numbers.append(0)
        row = self._rows[level]
        row.append(node)
        if len(row) == WIDTH:
            self._tile(level, self._numbers[level], row)
            self._numbers[level] += 1
            self._rows[level] = []
            self.add(root_of(row), level + 1)

    def finish(self) -> None:
        for level, row in enumerate(self._rows):
            if row:
                self._tile(level, self._numbers[level], row)


def grown(tiles: Tiles, size: int, leaves: Sequence[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """(level, number, hashes) of the tiles that are new or other when `leaves` follow the first `size`."""
    level, hashes = 0, list(leaves)
    while hashes:
        number, there = divmod(size, WIDTH)
        before = tiles(level, number)[: there * HASH_BYTES] if there else b""
        row = before + b"".join(hashes)
        full = []
        for at in range(0, len(row), WIDTH * HASH_BYTES):
            tile = row[at : at + WIDTH * HASH_BYTES]
            yield level, number, tile
            number += 1
            if len(tile) == WIDTH * HASH_BYTES:
                full.append(root_of([tile[i : i + HASH_BYTES] for i in range(0, len(tile), HASH_BYTES)]))
        level, size, hashes = level + 1, size // WIDTH, full


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
