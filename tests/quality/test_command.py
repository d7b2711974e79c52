"""`strongroom quality`: files in, a file or a number out, one clear error where a file is broken."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from strongroom.quality import AnswersFileError, consensus
from strongroom.quality.files import EVERY, read_answers, read_gold, write_consensus

from .crowds import DATA, needs_data

GOOD = "task,worker,label\n" + "".join(
    f"t{task},w{worker},{'yes' if (task + (worker == 2 and task % 3 == 0)) % 2 else 'no'}\n"
    for task in range(20)
    for worker in range(4)
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(GOOD)
    return path


def run(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "strongroom", "quality", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"})


def test_a_consensus_has_a_row_a_task_and_a_column_a_class(file: Path, tmp_path: Path) -> None:
    done = run("consensus", file, "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out.csv").open(newline="") as out:
        rows = list(csv.DictReader(out))
    assert list(rows[0]) == ["task", "label", "confidence", "no", "yes"]
    assert len(rows) == 20
    for row in rows:
        assert row["label"] == ("yes" if int(row["task"][1:]) % 2 else "no")
        assert float(row["no"]) + float(row["yes"]) == pytest.approx(1, abs=2e-6)
        assert float(row["confidence"]) == max(float(row["no"]), float(row["yes"]))
    assert "80 answers of 4 workers to 20 tasks" in done.stderr
    assert done.stdout == ""


def test_gold_is_kept_and_may_name_a_class_that_nobody_chose(file: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold.csv"
    gold.write_text("task,label\nt0,perhaps\nt1,no\nelsewhere,no\n")
    done = run("consensus", file, "--gold", gold, "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[:3] == [
        "task,label,confidence,no,perhaps,yes",
        "t0,perhaps,1.000000,0.000000,1.000000,0.000000",
        "t1,no,1.000000,1.000000,0.000000,0.000000",
    ]
    assert "2 of 3 gold labels" in done.stderr


@pytest.mark.parametrize("metric", ["krippendorff", "fleiss", "ac1", "percent"])
def test_agreement_is_one_line_with_its_interval(file: Path, metric: str) -> None:
    done = run("agreement", file, "--metric", metric)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    name, value, interval, tasks = line.split("\t")
    low, high = (float(end) for end in interval.strip("[]").split(","))
    assert name.startswith(metric)
    assert low <= float(value) <= high
    assert tasks == "20 tasks"


def test_cohens_kappa_is_a_line_for_each_two_workers(file: Path) -> None:
    lines = run("agreement", file, "--metric", "cohen", "--resamples", 0).stdout.splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("cohen w0 w1\t1.0000\t")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (GOOD + "t9,w9\n", 82, "2 fields, and the header has 3"),
        (GOOD + "t9,w9,yes,really\n", 82, "4 fields, and the header has 3"),
        (GOOD + "t9,,yes\n", 82, "nothing in the column worker"),
        ("task,worker\nt,w\n", 1, "the header has no column label"),
        ("", 1, "the header has no column task, worker, label"),
        (GOOD + 't9,w9,"yes\n', 82, "unexpected end of data"),
        ("task,worker,label\na,b,c\n" + 'd,"e"f,g\n', 3, "expected after"),
    ],
)
def test_a_broken_line_is_one_error_with_its_number(tmp_path: Path, text: str, line: int, why: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(text)
    for words in (("agreement", path), ("consensus", path, "--out", tmp_path / "out.csv")):
        done = run(*words)
        assert done.returncode == 2
        assert done.stderr.startswith(f"line {line}: ")
        assert why in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_bytes_that_are_no_text_are_one_error_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(GOOD.encode() + b"caf\xe9,w,yes\n")
    done = run("agreement", path)
    assert (done.returncode, done.stderr) == (2, "line 82: not UTF-8.\n")


def test_a_file_that_is_not_there_and_one_without_answers_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(AnswersFileError, match="No such file"):
        read_answers(tmp_path / "absent.csv")
    (tmp_path / "empty.csv").write_text("task,worker,label\n")
    with pytest.raises(AnswersFileError, match="holds no answers"):
        read_answers(tmp_path / "empty.csv")


def test_gold_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text("task,label\na,yes\na,yes\na,no\n")
    with pytest.raises(AnswersFileError, match="row 3"):
        read_gold(path)


def test_names_with_commas_and_quotes_come_back_as_they_went(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    names = ['a,"b"', "two\nlines", "ünï"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["extra", "label", "task", "worker"])
        writer.writerows(["x", "yes, sir", name, "w"] for name in names)
    answers = read_answers(path)
    write_consensus(tmp_path / "out.csv", consensus(answers))
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["task"] for row in rows] == names
    assert rows[0]["label"] == "yes, sir"


def test_large_files_say_how_far_they_are(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("task,worker,label\n" + "".join(f"{row},w,{row % 2}\n" for row in range(EVERY + 1)))
    said: list[int] = []
    read_answers(path, progress=said.append)
    assert said == [EVERY]


def test_parquet_is_read_and_written_like_csv(file: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    with file.open(newline="") as text:
        rows = list(csv.DictReader(text))
    table = pyarrow.Table.from_pylist(rows)
    table = table.set_column(1, "worker", table["worker"].dictionary_encode())
    parquet.write_table(table, tmp_path / "answers.parquet")
    done = run("consensus", tmp_path / "answers.parquet", "--out", tmp_path / "out.parquet")
    assert done.returncode == 0, done.stderr
    run("consensus", file, "--out", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as text:
        expected = list(csv.DictReader(text))
    written = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert list(written[0]) == list(expected[0])
    for one, other in zip(written, expected, strict=True):
        assert (one["task"], one["label"]) == (other["task"], other["label"])
        assert one["yes"] == pytest.approx(float(other["yes"]), abs=1e-6)


def test_parquet_that_lacks_something_is_one_error(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "answers.parquet"
    parquet.write_table(pyarrow.table({"task": ["a"], "worker": ["w"]}), path)
    with pytest.raises(AnswersFileError, match="no column label"):
        read_answers(path)
    parquet.write_table(pyarrow.table({"task": ["a", "b"], "worker": ["w", None], "label": ["x", "y"]}), path)
    with pytest.raises(AnswersFileError, match="row 2: nothing in the column worker"):
        read_answers(path)
    path.write_text("no parquet")
    with pytest.raises(AnswersFileError, match=r"answers\.parquet"):
        read_answers(path)


def test_agreement_of_tasks_with_one_answer_each_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "single.csv"
    path.write_text("task,worker,label\na,w,yes\nb,w,no\n")
    done = run("agreement", path)
    assert done.returncode == 2
    assert "no task has two answers" in done.stderr


@needs_data
@pytest.mark.data
def test_the_command_reads_the_public_sets(tmp_path: Path) -> None:
    folder = DATA / "TEMP"
    done = run(
        "consensus", folder / "answers.csv", "--gold", folder / "gold.csv", "--out", tmp_path / "out.csv"
    )
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 463
