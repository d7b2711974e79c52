"""The tree hash, its proofs and their verification: against published vectors and against the definition, written out."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.vault.merkle import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    grown,
    holds_consistency,
    holds_inclusion,
    leaf_hash,
    root_of,
)

#: The data and roots of Certificate Transparency's reference implementation, `cpp/merkletree/merkle_tree_test.cc`;
#: also in `testonly/constants.go` of transparency-dev/merkle.
CT_DATA = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
#: (index, size) -> path, from the same test (its indexes count from one).
CT_INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
#: (old, new) -> path, from the same test.
CT_CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


class Stored:
    """A tree in tiles, grown in steps."""

    def __init__(self, leaves: list[bytes], steps: list[int]) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.size = 0
        at = iter(steps)
        while self.size < len(leaves):
            some = leaves[self.size : self.size + next(at, len(leaves))]
            for level, number, hashes in list(grown(self._tile, self.size, some)):
                self.tiles[level, number] = hashes
            self.size += len(some)

    def _tile(self, level: int, number: int) -> bytes:
        return self.tiles.get((level, number), b"")

    def tree(self, size: int) -> Tree:
        return Tree(self._tile, size)


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_below(len(leaves))
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def path_by_definition(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) <= 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*path_by_definition(m, leaves[:k]), by_definition(leaves[k:])]
    return [*path_by_definition(m - k, leaves[k:]), by_definition(leaves[:k])]


def proof_by_definition(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [by_definition(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*proof_by_definition(m, leaves[:k], whole), by_definition(leaves[k:])]
    return [*proof_by_definition(m - k, leaves[k:], False), by_definition(leaves[:k])]


def largest_power_below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def some_leaves(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(3, "big")) for number in range(count)]


LEAVES = some_leaves(1400)


def test_the_roots_are_those_of_certificate_transparency() -> None:
    leaves = [leaf_hash(data) for data in CT_DATA]
    stored = Stored(leaves, [3, 4])
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for size, root in enumerate(CT_ROOTS, 1):
        assert stored.tree(size).root().hex() == root_of(leaves[:size]).hex() == root


@pytest.mark.parametrize(("index", "size"), CT_INCLUSION)
def test_inclusion_is_proven_as_in_certificate_transparency(index: int, size: int) -> None:
    leaves = [leaf_hash(data) for data in CT_DATA]
    path = Stored(leaves, []).tree(size).inclusion(index)
    assert [each.hex() for each in path] == CT_INCLUSION[index, size]
    assert holds_inclusion(leaves[index], index, size, path, bytes.fromhex(CT_ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new"), CT_CONSISTENCY)
def test_consistency_is_proven_as_in_certificate_transparency(old: int, new: int) -> None:
    path = Stored([leaf_hash(data) for data in CT_DATA], []).tree(new).consistency(old)
    assert [each.hex() for each in path] == CT_CONSISTENCY[old, new]
    roots = [bytes.fromhex(CT_ROOTS[size - 1]) for size in (old, new)]
    assert holds_consistency(old, roots[0], new, roots[1], path)


@given(st.integers(0, 1400), st.lists(st.integers(1, 600), max_size=8))
def test_however_it_grew_the_tree_has_the_root_of_the_definition(size: int, steps: list[int]) -> None:
    assert Stored(LEAVES[:size], steps).tree(size).root() == by_definition(LEAVES[:size])


@given(st.data())
def test_proofs_are_those_of_the_definition_and_hold(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 700))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    leaves = LEAVES[:size]
    tree = Stored(leaves, [300]).tree(size)
    path = tree.inclusion(index)
    assert path == path_by_definition(index, leaves)
    assert holds_inclusion(leaves[index], index, size, path, tree.root())
    growth = tree.consistency(old)
    assert growth == (proof_by_definition(old, leaves) if old else [])
    assert holds_consistency(old, by_definition(leaves[:old]), size, tree.root(), growth)


@given(st.data())
def test_a_proof_with_one_bit_changed_holds_nowhere(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    index = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    tree = Stored(leaves, []).tree(size)
    path = tree.inclusion(index)
    place, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
    other = [*path]
    other[place] = (int.from_bytes(other[place], "big") ^ 1 << bit).to_bytes(32, "big")
    assert not holds_inclusion(leaves[index], index, size, other, tree.root())
    assert not holds_inclusion(leaves[index], index, size, path[:-1], tree.root())
    assert not holds_inclusion(leaves[index], index, size, [*path, path[0]], tree.root())
    assert not holds_inclusion(leaves[(index + 1) % size], index, size, path, tree.root())


@given(st.data())
def test_growth_from_another_past_is_not_proven(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    old = data.draw(st.integers(1, size - 1))
    tree = Stored(LEAVES[:size], []).tree(size)
    path = tree.consistency(old)
    another = by_definition([*LEAVES[: old - 1], leaf_hash(b"another")])
    assert not holds_consistency(old, another, size, tree.root(), path)
    assert not holds_consistency(old, tree.root(), size, tree.root(), path)
    assert not holds_consistency(size, tree.root(), old, by_definition(LEAVES[:old]), path)


def test_a_frontier_keeps_as_many_hashes_as_the_size_has_ones() -> None:
    tree = Frontier()
    for leaf in LEAVES[:1023]:
        tree.append(leaf)
    assert tree.root() == by_definition(LEAVES[:1023])
    assert len(tree._peaks) == 10
