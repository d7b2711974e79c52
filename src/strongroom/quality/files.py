"""Files of answers: CSV always, Parquet where pyarrow is installed. Columns task, worker, label."""

from __future__ import annotations

import csv
from collections.abc import Callable, Hashable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from strongroom.quality.answers import Answers, Integers, in_order
from strongroom.quality.errors import AnswersFileError
from strongroom.quality.outcome import Consensus

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

COLUMNS = ("task", "worker", "label")
GOLD_COLUMNS = ("task", "label")
EVERY = 200_000
PARQUET = ".parquet"

Progress = Callable[[int], None]
"""Called with the number of rows done so far, every 200,000 rows."""


def read_answers(path: Path, *, classes: Iterable[str] = (), progress: Progress | None = None) -> Answers:
    """The answers in a file: `.parquet`, or anything else as CSV with a header; more columns than the three are passed over.

    `classes` are known from elsewhere (gold). A second answer of a worker to a task is dropped. Raises AnswersFileError, with
    the number of the line where there is one.
    """
    if path.suffix == PARQUET:
        columns = [_encoded(column) for column in _parquet(path, COLUMNS)]
    else:
        codes: list[dict[str, int]] = [{}, {}, {}]
        rows = (
            [place.setdefault(value, len(place)) for place, value in zip(codes, row, strict=True)]
            for row in csv_rows(path, COLUMNS, progress)
        )
        table = np.fromiter((number for row in rows for number in row), dtype=np.int32).reshape(-1, 3)
        columns = [(table[:, place].copy(), tuple(names)) for place, names in enumerate(codes)]
    (item, items), (annotator, annotators), (label, labels) = columns
    if not len(item):
        raise AnswersFileError(f"{path} holds no answers.")
    ordered = in_order({*labels, *classes})
    moved = np.array([{name: at for at, name in enumerate(ordered)}[name] for name in labels], dtype=np.int32)
    return Answers(item, annotator, moved[label], items, annotators, ordered)


def read_gold(path: Path) -> dict[str, str]:
    """Task → label. Raises AnswersFileError, for a task with two different labels too."""
    rows: Iterable[list[str]]
    if path.suffix == PARQUET:
        rows = map(list, zip(*(column.to_pylist() for column in _parquet(path, GOLD_COLUMNS)), strict=True))
    else:
        rows = csv_rows(path, GOLD_COLUMNS)
    gold: dict[str, str] = {}
    for number, (task, label) in enumerate(rows, start=1):
        if gold.setdefault(task, label) != label:
            raise AnswersFileError(f"row {number} gives a task another gold label than an earlier row.")
    return gold


def csv_rows(path: Path, columns: tuple[str, ...], progress: Progress | None = None) -> Iterator[list[str]]:
    """The wanted columns of a CSV file, row by row. Raises AnswersFileError at the first line that can't be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            try:
                header = next(reader, [])
                places = _places(header, columns)
                for count, row in enumerate(reader, start=1):
                    if len(row) != len(header):
                        if not row:
                            continue
                        raise AnswersFileError(
                            f"{len(row)} fields, and the header has {len(header)}.", line=reader.line_num
                        )
                    wanted = [row[place] for place in places]
                    if "" in wanted:
                        raise AnswersFileError(
                            f"nothing in the column {columns[wanted.index('')]}.", line=reader.line_num
                        )
                    if progress and count % EVERY == 0:
                        progress(count)
                    yield wanted
            except csv.Error as error:
                raise AnswersFileError(f"{error}.", line=reader.line_num) from None
            except UnicodeDecodeError:
                raise AnswersFileError("not UTF-8.", line=_line_that_is_not_utf8(path)) from None
    except OSError as error:
        raise AnswersFileError(f"{path}: {error.strerror}.") from None


def write_consensus(path: Path, found: Consensus, progress: Progress | None = None) -> None:
    """Columns task, label, confidence, then one probability a class, named as the class; `.parquet`, or CSV.

    Probabilities have six decimals in CSV. Raises AnswersFileError where the file can't be written.
    """
    names = ["task", "label", "confidence", *(str(name) for name in found.classes)]
    try:
        if path.suffix == PARQUET:
            _write_parquet(path, found, names)
            return
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            line = ",".join(["%.6f"] * (len(found.classes) + 1))
            labels = [_field(name) for name in found.classes]
            for count, (name, label, confidence, row) in enumerate(_rows(found), start=1):
                file.write(f"{_field(name)},{labels[label]},{line % (confidence, *row)}\n")
                if progress and count % EVERY == 0:
                    progress(count)
    except OSError as error:
        raise AnswersFileError(f"{path}: {error.strerror}.") from None


def _rows(found: Consensus) -> Iterator[tuple[Hashable, int, float, list[float]]]:
    confidence = found.confidence
    for first in range(0, len(found.items), EVERY):
        part = slice(first, first + EVERY)
        yield from zip(
            found.items[part],
            found.labels[part].tolist(),
            confidence[part].tolist(),
            found.probabilities[part].tolist(),
            strict=True,
        )


def _field(name: Hashable) -> str:
    text = str(name)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def _places(header: list[str], columns: tuple[str, ...]) -> list[int]:
    missing = [column for column in columns if column not in header]
    if missing:
        raise AnswersFileError(
            f"the header has no column {', '.join(missing)}.",
            line=1,
            remedy=f"The first line names the columns, among them {', '.join(columns)}.",
        )
    return [header.index(column) for column in columns]


def _line_that_is_not_utf8(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


def _parquet(path: Path, columns: tuple[str, ...]) -> list[pyarrow.ChunkedArray]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise AnswersFileError(
            "Parquet needs pyarrow.", remedy="Install strongroom[parquet], or give a CSV file."
        ) from None
    try:
        names = parquet.read_schema(path).names
        missing = [column for column in columns if column not in names]
        if missing:
            raise AnswersFileError(f"{path} has no column {', '.join(missing)}.")
        table = parquet.read_table(path, columns=list(columns))
    except (pyarrow.ArrowException, OSError) as error:
        raise AnswersFileError(f"{path}: {error}") from None
    found = []
    for name in columns:
        column = table[name].combine_chunks()
        if pyarrow.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if column.null_count:
            row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0]) + 1
            raise AnswersFileError(f"row {row}: nothing in the column {name}.")
        found.append(column)
    return found


def _encoded(column: Any) -> tuple[Integers, tuple[str, ...]]:
    encoded = column.dictionary_encode()
    names = tuple(str(name) for name in encoded.dictionary.to_pylist())
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32), names


def _write_parquet(path: Path, found: Consensus, names: list[str]) -> None:
    import pyarrow
    from pyarrow import parquet

    labels = np.array([str(name) for name in found.classes], dtype=object)[found.labels]
    arrays = [
        pyarrow.array([str(name) for name in found.items]),
        pyarrow.array(labels),
        pyarrow.array(found.confidence),
        *(pyarrow.array(column) for column in found.probabilities.T),
    ]
    parquet.write_table(pyarrow.Table.from_arrays(arrays, names=names), path)
