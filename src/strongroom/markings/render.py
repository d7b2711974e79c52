"""From parts to text: the banner with long names, the portion with short ones."""

from __future__ import annotations

from strongroom.markings.algebra import Parts
from strongroom.markings.lexicon import Lexicon


def banner(parts: Parts, lexicon: Lexicon) -> str:
    """`SECRET//REL TO USA, GBR`: canonical, `parse` reads it back."""
    return lexicon.separator.join([lexicon.levels[parts.level].banner, *_blocks(parts, lexicon, short=False)])


def portion(parts: Parts, lexicon: Lexicon) -> str:
    """`(S//REL TO USA, GBR)`: canonical too."""
    body = lexicon.separator.join([lexicon.levels[parts.level].short, *_blocks(parts, lexicon, short=True)])
    return f"({body})"


def _blocks(parts: Parts, lexicon: Lexicon, *, short: bool) -> list[str]:
    written = (block.write(parts, short) for block in lexicon.blocks)
    return [lexicon.within.join(tokens) for tokens in written if tokens]
