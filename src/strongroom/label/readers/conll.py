"""CoNLL: a token a line, the tag in its last column, a blank line between texts.

The text is its tokens joined by single spaces; where each token lies stays in `data.tokens` as [start, end], so that
answers can go out as tags of the same tokens. Lines `# id = …`, `# marking = …` and `# people = …` before a text say
what columns say in CSV. `-DOCSTART-` lines are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from strongroom.label.readers import encoding
from strongroom.label.readers.row import MAX_RECORD, Refusal, RefusedError, Row, row
from strongroom.label.schemas import ImportOptions

_REMARK = re.compile(r"#\s*(\w+)\s*=\s*(.*)")
_TAG = re.compile(r"(?:O|[BIESLU]-\S+)")


def read(stream: BinaryIO, name: str, options: ImportOptions) -> Iterator[Row | Refusal]:
    number = 0
    with encoding.decoded(stream, encoding.detect(stream, options.encoding)) as text:
        for line, block in _blocks(encoding.lines(text, MAX_RECORD)):
            number += 1
            try:
                yield _row(number, line, block, tagged=options.answers_of is not None)
            except RefusedError as refused:
                yield Refusal(number, line, None, refused.reason, refused.expected)


def _blocks(source: Iterator[str | None]) -> Iterator[tuple[int, list[str | None]]]:
    """Lines between blank lines, with the number of the first. Bounded: the size of a block is that of a record."""
    block: list[str | None] = []
    first, size, tokens = 1, 0, False
    for number, line in enumerate(source, 1):
        content = None if line is None else line.strip()
        if content == "" or (content or "").startswith("-DOCSTART-"):
            if tokens:
                yield first, block
            block, size, tokens = [], 0, False
            continue
        if not block:
            first = number
        size += len(content or "") + 1
        tokens = tokens or content is None or not _REMARK.fullmatch(content)
        if size <= MAX_RECORD:
            block.append(content)
        elif block[-1] is not None:
            block.append(None)
    if tokens:
        yield first, block


def _row(number: int, line: int, block: list[str | None], *, tagged: bool) -> Row:
    remarks: dict[str, str] = {}
    tokens: list[list[int]] = []
    words: list[str] = []
    tags: list[str] = []
    end = -1
    for content in block:
        if content is None:
            raise RefusedError("the text is too long", f"at most {MAX_RECORD:,} characters")
        remark = None if words else _REMARK.fullmatch(content)
        if remark:
            remarks[remark[1].lower()] = remark[2].strip()
            continue
        fields = content.split()
        words.append(fields[0])
        tokens.append([end + 1, end + 1 + len(fields[0])])
        end += 1 + len(fields[0])
        if tagged:
            if len(fields) < 2 or not _TAG.fullmatch(fields[-1]):
                raise RefusedError(
                    f"token {len(words)} has no tag", "O, or B-, I-, E-, S-, L- or U- and a label"
                )
            tags.append(fields[-1])
    people = tuple(dict.fromkeys(re.findall(r"[^\s,;|]+", remarks.get("people", "")))) or None
    return row(
        number,
        line,
        None,
        text=" ".join(words),
        external_id=remarks.get("id") or str(number),
        marking=remarks.get("marking") or None,
        people=people,
        data={"tokens": tokens},
        tags=tuple((tokens[a][0], tokens[b - 1][1], label) for a, b, label in spans_of_tags(tags)),
    )


def spans_of_tags(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Token spans (first, end exclusive, label) of tags in IOB1, IOB2, BIOES or BILOU."""
    found: list[tuple[int, int, str]] = []
    start, label = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        prefix, _, name = tag.partition("-")
        goes_on = label and name == label and prefix in "IEL" and prefix
        if label and not goes_on:
            found.append((start, place, label))
            label = ""
        if name and not label:
            start, label = place, name
        if label and prefix in ("E", "L", "S", "U"):
            found.append((start, place + 1, label))
            label = ""
    return found


def tags_of_spans(tokens: Sequence[Sequence[int]], spans: Sequence[tuple[int, int, str]]) -> list[str]:
    """IOB2 tags of the tokens [start, end). A token belongs to the span that covers any of it; where spans overlap,
    the longer one wins, then the earlier, then the label that sorts first: CoNLL has one tag a token."""
    tags = ["O"] * len(tokens)
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span[0], span[2])):
        inside = [n for n, (left, right) in enumerate(tokens) if left < end and right > start]
        if inside and all(tags[n] == "O" for n in inside):
            for n in inside:
                tags[n] = f"I-{label}"
            tags[inside[0]] = f"B-{label}"
    return tags
