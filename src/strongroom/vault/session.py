"""Sessions: ordinary SQLAlchemy sessions, each for one reader and one purpose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, SessionTransaction

from strongroom.errors import NotFoundError
from strongroom.markings import Marking
from strongroom.vault import audit
from strongroom.vault.reader import Reader
from strongroom.vault.sight import Guarded, Sight
from strongroom.vault.tables import Marked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from strongroom.vault.vault import Vault

Markable = Marking | Marked | int


class VaultSession(Session):
    """A session whose connection shows `sight` for as long as a transaction lasts."""

    def __init__(self, vault: Vault, engine: Engine, sight: Sight) -> None:
        # What was read lawfully stays readable in memory after the commit.
        super().__init__(engine, expire_on_commit=False)
        self.vault = vault
        self._sight = sight
        self._guarded: Guarded | None = None
        self._changes_before = 0

    @property
    def changed(self) -> bool:
        """Whether anything was written since the first transaction of this session began."""
        return self._guarded is not None and self._guarded.total_changes != self._changes_before


@event.listens_for(VaultSession, "after_begin")
def _look(session: VaultSession, _: SessionTransaction, connection: Connection) -> None:
    guarded = connection.connection.dbapi_connection
    if not isinstance(guarded, Guarded):
        raise TypeError("a session of the vault needs a guarded connection")
    guarded.look(session._sight)
    if session._guarded is None:
        session._guarded, session._changes_before = guarded, guarded.total_changes


class ReaderSession(VaultSession):
    """Shows what its reader may see. Open one with `Vault.reading` or `Vault.writing`; never keep it.

    `level` is where a writing session writes; in a reading session, where the reader works.
    """

    def __init__(self, vault: Vault, engine: Engine, sight: Sight, reader: Reader, level: Marking) -> None:
        super().__init__(vault, engine, sight)
        self.reader = reader
        self.level = level
        self.disclosures: list[tuple[dict[str, Any], tuple[Marking, ...]]] = []

    @property
    def writes(self) -> bool:
        return self._sight.level_id is not None

    @property
    def readable(self) -> list[int]:
        """The marking ids whose rows show."""
        return sorted(self._sight.readable)

    @property
    def level_id(self) -> int:
        """The marking id at which this session writes, for `where(Task.marking_id == session.level_id)`: an UPDATE
        that meets a visible row below the level is refused as a whole."""
        if self._sight.level_id is None:
            raise TypeError("a reading session has no level to write at")
        return self._sight.level_id

    def marking(self, thing: Markable) -> Marking:
        """The marking of a row, or of a marking id that a row carries. NotFoundError where the reader can't see it."""
        if isinstance(thing, Marking):
            return thing
        number = thing if isinstance(thing, int) else thing.marking_id
        if number not in self._sight.readable:
            raise NotFoundError
        return self.vault.markings.marking(number)

    def audit(
        self,
        action: str,
        kind: str,
        object_id: str | None = None,
        outcome: str = "done",
        *,
        marking: Markable | Iterable[Markable] | None = None,
        **facts: Any,
    ) -> None:
        """Put on record what is done (in a writing session: in its transaction, at its level) or disclosed (in a
        reading session: at the join of `marking` and the reader's level, committed before the session's context ends).

        `marking` says what was disclosed: rows, marking ids or markings. Without it the entry goes as high as
        everything that the reader may see. `facts` are ids and counts, never content: ValueError otherwise.
        """
        values = audit.entry(action, kind, object_id, outcome, facts, **who_acts(self.reader, self.level))
        if self.writes:
            audit.write(self.connection(), [values], self.level, self.vault.audit_log.secret)
        else:
            disclosed = self._sight.readable if marking is None else audit.flat(marking)
            self.disclosures.append((values, tuple(self.marking(each) for each in disclosed)))


class RegistrySession(VaultSession):
    """Reads and writes plain tables of any kind, and knows no marked table; appends to the audit log."""

    def __init__(self, vault: Vault, engine: Engine, sight: Sight, *, writes: bool) -> None:
        super().__init__(vault, engine, sight)
        self.writes = writes

    def audit(
        self,
        action: str,
        kind: str,
        object_id: str | None = None,
        outcome: str = "done",
        *,
        actor: Reader | None = None,
        actor_id: str | None = None,
        how: str = "registry",
        request_id: str | None = None,
        **facts: Any,
    ) -> None:
        """Put an act on record, in this transaction, at the bottom of the scheme. The actor is a reader, or where
        nobody is recognised yet (a sign-in), an id or nobody. Needs `registry(write=True)`."""
        bottom = self.vault.scheme.bottom
        if actor is not None:
            who = who_acts(actor, bottom)
        else:
            who = {
                "actor_id": actor_id,
                "how": how,
                "clearance": "",
                "level": str(bottom),
                "scheme_hash": self.vault.scheme.hash,
                "request_id": request_id,
            }
        values = audit.entry(action, kind, object_id, outcome, facts, **who)
        audit.write(self.connection(), [values], bottom, self.vault.audit_log.secret)


def who_acts(reader: Reader, level: Marking) -> dict[str, str | None]:
    """What an audit entry says of the one who acts, and of the level at which they do."""
    return {
        "actor_id": reader.person_id,
        "how": reader.how,
        "clearance": str(reader.clearance),
        "level": str(level),
        "scheme_hash": level.scheme.hash,
        "request_id": reader.request_id,
    }
