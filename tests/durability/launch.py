"""The program, started with a fault in it: `python launch.py [--die WHERE] [--without WHERE] -- ARGUMENTS`.

`--without module:name` lets a function do nothing. `--die module:name:before:N` (or `after`) kills the process when that
function is called, or returns, for the Nth time. With `--everywhere` a server's job worker has the same faults. With
`--worker` the job worker is started instead of the command line.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from itertools import count, pairwise
from typing import Any

from strongroom import cli
from strongroom.jobs import worker
from strongroom.jobs.supervisor import Supervisor


def main() -> None:
    edge = sys.argv.index("--")
    faults, arguments = sys.argv[1:edge], sys.argv[edge + 1 :]
    for name, where in pairwise(faults):
        if name == "--without":
            replace(where, lambda _: _nothing)
        elif name == "--die":
            replace(*dying_at(where))
    sys.argv = ["strongroom", *arguments]
    if "--everywhere" in faults:
        _give_to_worker(faults)
    if "--worker" in faults:
        worker.main()
    else:
        cli.main()


def _give_to_worker(faults: list[str]) -> None:
    started = Supervisor.__init__

    def init(self: Any, workspace: Any, **named: Any) -> None:
        started(self, workspace, **named)
        self._command = [sys.executable, __file__, *faults, "--worker", "--", str(workspace), "--leash"]

    Supervisor.__init__ = init  # type: ignore[method-assign]


def replace(where: str, made: Any) -> None:
    """The function is found under its own module and under every other that imported it by name."""
    module, _, path = where.partition(":")
    holder: Any = importlib.import_module(module)
    *above, name = path.split(".")
    for part in above:
        holder = getattr(holder, part)
    whole = getattr(holder, name)
    replaced = made(whole)
    setattr(holder, name, replaced)
    for other in list(sys.modules.values()):
        if getattr(other, "__name__", "").startswith("strongroom") and getattr(other, name, None) is whole:
            setattr(other, name, replaced)


def _nothing(*_: Any, **__: Any) -> None:
    return None


def dying_at(fault: str) -> tuple[str, Any]:
    where, moment, number = fault.rsplit(":", 2)

    def made(whole: Any) -> Any:
        calls = count(1)

        @functools.wraps(whole)
        def dying(*given: Any, **named: Any) -> Any:
            due = next(calls) >= int(number)
            if due and moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            done = whole(*given, **named)
            if due and moment == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return dying

    return where, made


if __name__ == "__main__":
    main()
