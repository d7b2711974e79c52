"""The JSON form, in the shape of the IC's Information Security Marking metadata (ISM): `classification`,
`sciControls`, `disseminationControls`, `releasableTo`, `displayOnlyTo`, `fgiSourceOpen` …

The keys are those of the scheme's blocks. Reading goes through the text: there is one grammar, not two.
"""

from __future__ import annotations

from collections.abc import Mapping

from strongroom.markings.algebra import Parts
from strongroom.markings.errors import MarkingError
from strongroom.markings.lexicon import Lexicon


def to_json(parts: Parts, lexicon: Lexicon) -> dict[str, object]:
    """The marking as JSON values; a key with nothing to say is left out."""
    data: dict[str, object] = {"classification": lexicon.levels[parts.level].short}
    if lexicon.nations:
        data["ownerProducer"] = [lexicon.nations.home]
    for block in lexicon.blocks:
        data |= block.to_json(parts)
    return data


def text_of(data: Mapping[str, object], lexicon: Lexicon) -> str:
    """The text that a JSON form stands for, not yet checked; raises MarkingError where the shape is wrong."""
    if not isinstance(data, Mapping):
        raise MarkingError(repr(data), 0, "an object with a classification", repr(data))
    keys = {
        "classification",
        "ownerProducer",
        *(key for block in lexicon.blocks for key in block.json_keys()),
    }
    for key in data:
        if key not in keys:
            raise MarkingError(str(key), 0, f"a key of the scheme ({', '.join(sorted(keys))})", str(key))
    level = data.get("classification")
    if not isinstance(level, str):
        raise MarkingError(repr(level), 0, "a classification: the short name of a level", repr(level))
    owners = [lexicon.nations.home] if lexicon.nations else None
    if data.get("ownerProducer", owners) != owners:
        raise MarkingError(
            repr(data["ownerProducer"]), 0, f"ownerProducer {owners}", repr(data["ownerProducer"])
        )
    segments = [_whole(level, lexicon)]
    for block in lexicon.blocks:
        try:
            tokens = block.json_tokens(dict(data))
        except ValueError as error:
            raise MarkingError(block.title, 0, str(error), block.title) from None
        if tokens:
            segments.append(lexicon.within.join(_whole(token, lexicon) for token in tokens))
    return lexicon.separator.join(segments)


def _whole(token: str, lexicon: Lexicon) -> str:
    """One token, not several smuggled in as one."""
    for separator in (lexicon.separator, lexicon.within):
        if separator in token:
            raise MarkingError(token, token.index(separator), "one token", separator)
    if token.startswith("(") or token != token.strip():
        raise MarkingError(token, 0, "a token without brackets or spaces around it", token)
    return token
