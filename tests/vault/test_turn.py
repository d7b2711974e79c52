"""Whose turn it is to write: in the order of arrival, among threads and among processes."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from strongroom.errors import BusyError
from strongroom.vault.turn import Turn

OTHER_PROCESS = """
import sys, time
from pathlib import Path
from strongroom.vault.turn import Turn
turn = Turn(Path(sys.argv[1]))
end = time.monotonic() + float(sys.argv[2])
count = 0
while time.monotonic() < end:
    with turn.taken():
        if not count:
            print("holding", flush=True)
        time.sleep(float(sys.argv[3]))
        count += 1
        with (Path(sys.argv[1]) / "count").open("ab") as file:
            file.write(b".")
"""


def other_process(folder: Path, seconds: float, hold: float) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", OTHER_PROCESS, str(folder), str(seconds), str(hold)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


def test_threads_write_in_the_order_of_their_arrival(tmp_path: Path) -> None:
    turn, order = Turn(tmp_path), []

    def work(number: int) -> None:
        with turn.taken():
            order.append(number)

    threads = []
    with turn.taken():
        for number in range(12):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            while len(turn._queue) <= number:
                time.sleep(0.0005)
    for thread in threads:
        thread.join()
    assert order == list(range(12))


def test_only_one_thread_writes_at_a_time(tmp_path: Path) -> None:
    turn, inside, worst = Turn(tmp_path), 0, 0

    def work() -> None:
        nonlocal inside, worst
        for _ in range(50):
            with turn.taken():
                inside += 1
                worst = max(worst, inside)
                time.sleep(0.0001)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == 1


def test_who_waits_too_long_gives_up_and_leaves_the_queue(tmp_path: Path) -> None:
    turn = Turn(tmp_path, patience_seconds=0.05)
    caught: list[BaseException] = []

    def wait() -> None:
        try:
            with turn.taken():
                pass
        except BusyError as error:
            caught.append(error)

    with turn.taken():
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert len(caught) == 1
    with turn.taken():
        pass


def test_an_error_gives_the_turn_back(tmp_path: Path) -> None:
    turn = Turn(tmp_path)
    with pytest.raises(ZeroDivisionError), turn.taken():
        _ = 1 / 0
    with turn.taken():
        pass


def test_another_process_that_writes_chunk_after_chunk_lets_others_in(tmp_path: Path) -> None:
    """Its gaps between two chunks are microseconds: a poller would miss nearly all of them."""
    count = tmp_path / "count"
    count.touch()
    process = other_process(tmp_path, seconds=600, hold=0.03)
    turn, went_first = Turn(tmp_path), []
    for _ in range(8):
        time.sleep(0.05)  # it goes on meanwhile
        before = count.stat().st_size
        with turn.taken():
            went_first.append(count.stat().st_size - before)
    process.kill()
    process.wait()
    assert max(went_first) < 50, went_first


def test_the_turn_of_a_killed_process_falls(tmp_path: Path) -> None:
    process = other_process(tmp_path, seconds=60, hold=60)
    with pytest.raises(BusyError):
        Turn(tmp_path, patience_seconds=0.05).taken().__enter__()
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Turn(tmp_path, patience_seconds=2).taken():
        pass


def test_a_second_opening_in_the_same_process_queues_too(tmp_path: Path) -> None:
    one, two = Turn(tmp_path), Turn(tmp_path, patience_seconds=0.02)
    with one.taken(), pytest.raises(BusyError):
        two.taken().__enter__()
    file = os.open(tmp_path / "write.next", os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # who gave up holds no place
    os.close(file)
