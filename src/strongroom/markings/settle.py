"""From a draft to parts: the rules that look at several tokens at once."""

from __future__ import annotations

from strongroom.markings.algebra import NOTHING, Names, Parts, lasting, least_clauses, together
from strongroom.markings.draft import Draft, Place
from strongroom.markings.lexicon import Lexicon


def settle(draft: Draft, lexicon: Lexicon) -> Parts:
    """The parts that a draft stands for; raises MarkingError at the token that breaks a rule."""
    _check_levels(draft, lexicon)
    _check_exclusions(draft, lexicon)
    caveats = NOTHING
    for name in draft.caveats:
        caveats = together(caveats, lexicon.caveats[name].closure)
    _add_home_alone(draft, lexicon)
    _check_release(draft, lexicon)
    release, display, relido = _release(draft, lexicon)
    said = bool(
        draft.nobody
        or draft.release_at
        or draft.display_at
        or draft.relido
        or draft.concealed
        or draft.origins
    )
    lasting_caveats = lasting(caveats, draft.level, lexicon.ceilings)
    said = said or any(name not in lexicon.ceilings for name in lasting_caveats)
    return Parts(
        level=draft.level,
        compartments=frozenset(draft.compartments),
        release=release,
        display=display,
        audiences=least_clauses(draft.clauses),
        named=draft.named,
        caveats=lasting_caveats,
        origins=NOTHING if draft.concealed else frozenset(draft.origins),
        concealed=draft.concealed,
        relido=relido,
        plain=lexicon.nations is None or not said,
    )


def _check_levels(draft: Draft, lexicon: Lexicon) -> None:
    for floor, name, place in draft.floors:
        if draft.level < floor:
            draft.fail(place.position, f"{lexicon.levels[floor].banner} or above for {name}", place.token)
    for name, place in draft.caveats.items():
        caveat = lexicon.caveats[name]
        if draft.level < caveat.floor:
            draft.fail(
                place.position, f"{lexicon.levels[caveat.floor].banner} or above for {name}", place.token
            )
        if caveat.ceiling is not None and draft.level > caveat.ceiling:
            draft.fail(
                place.position, f"{name} at {lexicon.levels[caveat.ceiling].banner} or below", place.token
            )


def _check_exclusions(draft: Draft, lexicon: Lexicon) -> None:
    for name in draft.caveats:
        for other in lexicon.caveats[name].excludes:
            if other in draft.caveats:
                later = max(draft.caveats[name], draft.caveats[other], key=lambda place: place.position)
                draft.fail(later.position, f"no {other} beside {name}, which stands for it", later.token)


def _add_home_alone(draft: Draft, lexicon: Lexicon) -> None:
    """A caveat that implies `NOFORN` says it, whether or not it was written."""
    for name, place in draft.caveats.items():
        if lexicon.caveats[name].home_alone:
            draft.nobody = draft.nobody or place


def _check_release(draft: Draft, lexicon: Lexicon) -> None:
    if lexicon.nations is None:
        return
    nobody, relido = lexicon.nations.words.nobody.long, lexicon.nations.words.relido
    if draft.nobody:
        for other in (draft.release_at, draft.display_at, draft.relido):
            if other:
                later = _later(draft.nobody, other)
                draft.fail(later.position, f"no release beside {nobody}", later.token)
    if relido and draft.relido and draft.display_at:
        later = _later(draft.relido, draft.display_at)
        draft.fail(later.position, f"no list of those it is shown to beside {relido.long}", later.token)


def _later(one: Place, other: Place) -> Place:
    return max(one, other, key=lambda place: place.position)


def _release(draft: Draft, lexicon: Lexicon) -> tuple[Names | None, Names | None, bool]:
    """Release, display and relido."""
    if not (draft.nobody or draft.release_at or draft.display_at or draft.relido):
        return (None, None, True) if lexicon.levels[draft.level].open else (NOTHING, NOTHING, False)
    release = draft.release or NOTHING
    return release, release | (draft.display or NOTHING), draft.relido is not None
