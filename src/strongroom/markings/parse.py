"""From text to a draft: what stands where.

portion = "(" body ")"        banner = body with long names
body    = head *("//" block)  the blocks in the order of the scheme, each at most once
head    = LEVEL  |  "//" NATION SP LEVEL
"""

from __future__ import annotations

from strongroom.markings.algebra import Parts
from strongroom.markings.draft import Draft, Place, pieces
from strongroom.markings.lexicon import Lexicon
from strongroom.markings.settle import settle

LONGEST = 20_000
"""Code points in the longest text that is read."""


def parse(text: str, lexicon: Lexicon) -> Parts:
    """The parts of a portion or banner; raises MarkingError with the place of the first thing wrong."""
    draft = Draft(text)
    if len(text) > LONGEST:
        draft.fail(LONGEST, f"at most {LONGEST} characters", text[LONGEST:])
    head, *blocks = _split(draft, lexicon)
    _read_level(head, draft, lexicon)
    _read_blocks(blocks, draft, lexicon)
    return settle(draft, lexicon)


def _split(draft: Draft, lexicon: Lexicon) -> list[Place]:
    """Head and blocks. The head of `//GBR S` comes back as `GBR S`, its nation already read."""
    text = draft.text
    start = len(text) - len(text.lstrip())
    body = text.strip()
    if body.startswith("("):
        if not body.endswith(")"):
            draft.fail(start + len(body), "')' at the end of the portion")
        body, start = body[1:-1], start + 1
    places = pieces(body, lexicon.separator, start)
    if lexicon.origins and len(places) > 1 and not places[0].token:
        head = places[1]
        nation, space, level = head.token.partition(" ")
        lexicon.origins.read_head(Place(head.position, nation), draft)
        if not space:
            draft.fail(head.position + len(nation), "a space and a level after the nation")
        return [Place(head.position + len(nation) + 1, level), *places[2:]]
    return places


def _read_level(head: Place, draft: Draft, lexicon: Lexicon) -> None:
    rank = lexicon.rank_of.get(head.token)
    if rank is None:
        levels = ", ".join(f"{level.short} or {level.banner}" for level in lexicon.levels)
        draft.fail(head.position, f"a level ({levels})", head.token)
    draft.level = rank


def _read_blocks(segments: list[Place], draft: Draft, lexicon: Lexicon) -> None:
    following = 0
    for segment in segments:
        places = pieces(segment.token, lexicon.within, segment.position)
        first = places[0]
        for index in range(following, len(lexicon.blocks)):
            if lexicon.blocks[index].opens(first.token):
                lexicon.blocks[index].read(places, draft)
                following = index + 1
                break
        else:
            _refuse(first, following, draft, lexicon)


def _refuse(place: Place, following: int, draft: Draft, lexicon: Lexicon) -> None:
    if any(block.opens(place.token) for block in lexicon.blocks[:following]):
        order = ", ".join(block.title for block in lexicon.blocks)
        draft.fail(place.position, f"each block once, in the order: {order}", place.token)
    hints = "; ".join(block.hint() for block in lexicon.blocks[following:]) or "the end"
    draft.fail(place.position, hints, place.token)
