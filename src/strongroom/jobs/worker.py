"""The worker process: `python -m strongroom.jobs.worker WORKSPACE`.

It takes orders and hands each to DBOS as a durable workflow whose id is job and run, and whose only argument is the
job's id. DBOS (its tables lie beside the workspace's: in `jobs.db`, or in a schema of their own on PostgreSQL) runs a
workflow once under an id, and the next worker goes on with those that a dead one had begun. Orders don't pass through a
queue of DBOS: it would have to poll ten times a second to be quick enough, and cost 3 % of a core for that, where a
bell costs nothing.

One worker runs a workspace at a time: a second one waits until the first is dead, however it died.
So a worker needs no farewell: it is killed, not asked to stop. On PostgreSQL a lock in the database does the same for
workers on other machines: they stand by.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

from strongroom.jobs import order as orders
from strongroom.jobs import upkeep
from strongroom.jobs.run import places, run
from strongroom.vault import Vault, clock

# Where the program lists its rooms; importing it registers their tables and kinds of jobs.
ROOMS = "strongroom.assembly"
# So many jobs run side by side, so that a long import doesn't keep a short export waiting.
PLACES = 2
# Without a bell (an order given by another process than the one that keeps this worker) it looks this often.
LOOK_EVERY_SECONDS = 1.0
# DBOS hands a dead worker's workflows to those with its name and version. One name and one version for ever: a job is
# written so that it can be called again, also by a newer program.
NAME = VERSION = "strongroom"

log = structlog.get_logger("strongroom.jobs")


class Worker:
    """Carries out the orders of one vault, `PLACES` at a time."""

    def __init__(self, vault: Vault, bell: threading.Event) -> None:
        self.vault = vault
        self._bell = bell
        self._in_hand: set[str] = set()

        @DBOS.workflow(name="run", max_recovery_attempts=None)
        def workflow(job_id: str) -> str:
            self._carry_out(job_id, DBOS.workflow_id or "")
            return job_id

        self._workflow = workflow

    def serve(self) -> None:
        """Never returns."""
        self.vault.wait_alone("jobs")
        DBOS(config=_config(self.vault.beside("jobs")))
        DBOS.launch()
        # Their orders are struck, so their ids won't come again.
        over = DBOS.list_workflows(status="SUCCESS", load_input=False, load_output=False)
        DBOS.delete_workflows([workflow.workflow_id for workflow in over])
        upkeep.begin(self.vault)
        log.info("worker serves", pid=os.getpid())
        while True:
            self._take_orders()
            self._bell.wait(LOOK_EVERY_SECONDS)
            self._bell.clear()
            self.vault.check_alone()

    def _take_orders(self) -> None:
        for job_id, number in orders.waiting(self.vault, clock.now()):
            if len(self._in_hand) >= PLACES:
                return
            workflow_id = f"{job_id}.{number}"
            if workflow_id in self._in_hand:
                continue
            self._in_hand.add(workflow_id)
            # One that is known was begun by a worker that died: DBOS is bringing it back.
            if DBOS.get_workflow_status(workflow_id) is None:
                with SetWorkflowID(workflow_id):
                    DBOS.start_workflow(self._workflow, job_id)

    def _carry_out(self, job_id: str, workflow_id: str) -> None:
        self._in_hand.add(workflow_id)
        try:
            run(self.vault, job_id, int(workflow_id.rpartition(".")[2]))
        except BaseException as error:
            # Not the job's fault, and nothing that the next worker couldn't do better.
            log.critical(
                "worker gives up", job_id=job_id, error=type(error).__qualname__, frames=places(error)
            )
            os._exit(1)
        self._in_hand.discard(workflow_id)
        self._bell.set()


def _config(database: str) -> DBOSConfig:
    return {
        "name": NAME,
        "executor_id": NAME,
        "application_version": VERSION,
        "system_database_url": database,
        "dbos_system_schema": "strongroom_jobs",  # on PostgreSQL: in the workspace's database, beside its tables
        "use_listen_notify": False,
        "serializer": DBOSPortableJSONSerializer(),  # the default is pickle
        "log_level": "WARNING",
        # Neither is used here, and each would poll.
        "notification_listener_polling_interval_sec": 3600.0,
        "scheduler_polling_interval_sec": 3600.0,
    }


def _log_level() -> int:
    """The server's own: the worker has its environment."""
    named = os.environ.get("STRONGROOM_LOG_LEVEL", "info").upper()
    return logging.getLevelNamesMapping().get(named, logging.INFO)


def _listen(bell: threading.Event) -> None:
    """Standard input is bell and leash: a byte says that there is an order, its end that the parent is gone."""
    while os.read(sys.stdin.fileno(), 4096):
        bell.set()
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="strongroom.jobs.worker", description="Runs the jobs of a workspace."
    )
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--rooms", default=ROOMS, help="the module that registers the kinds of jobs")
    parser.add_argument("--leash", action="store_true", help="live as long as standard input is open")
    given = parser.parse_args()

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, whose end is the worker's
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_log_level()),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    bell = threading.Event()
    if given.leash:
        threading.Thread(target=_listen, args=(bell,), name="leash", daemon=True).start()
    importlib.import_module(given.rooms)
    try:
        os.nice(5)  # at work, not at starting: people at their desks come first
        Worker(Vault.open(given.workspace), bell).serve()
    except Exception as error:
        log.critical("worker gives up", error=type(error).__qualname__, frames=places(error))
        os._exit(1)  # DBOS's threads would keep the process


if __name__ == "__main__":
    main()
