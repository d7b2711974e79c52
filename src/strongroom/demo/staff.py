"""The people of the demonstration as accounts of a workspace: enrolled, cleared, and turned into readers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from strongroom.demo.cast import Character
from strongroom.markings import Clearance, Marking
from strongroom.people import Clearances, give
from strongroom.people.enrol import add_person, find_person
from strongroom.vault import Reader, RegistrySession, Vault, ids

HOW = "simulated"
"""What the audit log says of how these people were recognised: they were not."""


@dataclass(frozen=True)
class Member:
    """One of the staff. Nobody has a password."""

    character: Character
    person_id: str
    clearance: Clearance

    def reader(self, level: Marking) -> Reader:
        """This person at work at `level`."""
        return Reader(self.person_id, self.character.login, self.clearance, level, HOW, ids.new_id())


def enrol(vault: Vault, characters: Iterable[Character]) -> dict[str, Member]:
    """Accounts and clearances, by login. Each of the two
    security officers clears the other; nobody clears themselves."""
    characters = list(characters)
    clearances = Clearances(vault.scheme)
    with vault.registry(write=True) as session:
        ids_of: dict[str, str] = {}
        for character in characters:
            person = add_person(session, character.login, character.name, character.duties)
            session.audit("add_person", "person", person.id, how=HOW, duties=person.duties)
            ids_of[character.login] = person.id
        officers = [each.login for each in characters if "security_officer" in each.duties]
        for character in characters:
            if character.clearance is not None:
                officer = next(login for login in officers if login != character.login)
                _clear(session, clearances, character, ids_of[character.login], ids_of[officer])
    return {each.login: Member(each, ids_of[each.login], _clearance(clearances, each)) for each in characters}


def _clear(
    session: RegistrySession, clearances: Clearances, character: Character, person_id: str, officer_id: str
) -> None:
    person = find_person(session, id_=person_id)
    stored = clearances.canonical(character.clearance or {}, character.login)
    grant = give(session, person, stored, reason=character.reason, by=officer_id)
    session.flush()
    session.audit("give_clearance", "person", person_id, actor_id=officer_id, how=HOW, grant=grant.id)


def _clearance(clearances: Clearances, character: Character) -> Clearance:
    given = character.clearance
    return clearances.read(None if given is None else clearances.canonical(given, character.login))
