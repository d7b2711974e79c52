"""What is stored about people. Everything here but the memberships and receipts lies outside the lattice:
accounts carry no marking. Names are for every signed-in person; the rest is for the registry alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.vault import Base, Marked, clock, ids
from strongroom.vault.ties import aside, follows, quotes

DUTIES = ("administrator", "security_officer", "auditor")
ROLES = ("owner", "manager", "reviewer", "annotator", "analyst", "evaluator", "auditor")
SCOPES = ("read", "label", "manage", "admin")


class Person(Base):
    """Someone with an account. Never deleted: what they did keeps its author."""

    __tablename__ = "person"
    __table_args__ = {"info": {"access": "reader"}}  # noqa: RUF012

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=ids.new_id)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    duties: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Password(Base):
    __tablename__ = "password"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)


class SignIn(Base):
    """A server-side session; the cookie holds the secret, the row its hash. Ended means deleted."""

    __tablename__ = "sign_in"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=ids.new_id)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    level: Mapped[str] = mapped_column(Text)
    ceiling: Mapped[str | None] = mapped_column(Text, default=None)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]


class ApiToken(Base):
    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=ids.new_id)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    scopes: Mapped[list[str]]
    ceiling: Mapped[str | None] = mapped_column(Text, default=None)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime]


class ClearanceGrant(Base):
    """One line of somebody's clearance history; the highest number is in force."""

    __tablename__ = "clearance_grant"
    __table_args__ = (UniqueConstraint("person_id", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=ids.new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]
    clearance: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    given_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))  # None: an operator, at the console
    given_at: Mapped[datetime] = mapped_column(default=clock.now)


class SetupToken(Base):
    """The right to make the first account. One row at most; gone once it has been used."""

    __tablename__ = "setup_token"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class SignInLink(Base):
    """A sign-in that works once, and soon or not at all."""

    __tablename__ = "sign_in_link"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[datetime]


class Membership(Marked, Base):
    """One role of one person in one project, at the project's marking."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("marking_id", "project_id", "person_id", "role"),
        Index(None, "marking_id", "person_id"),
    )

    project_id: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Receipt(Marked, Base):
    """What was answered to a request that carried an idempotency key, kept beside what the request did."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("marking_id", "person_id", "key_hash"),
        Index(None, "marking_id", "person_id", "created_at"),
    )

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    key_hash: Mapped[str] = mapped_column(String(64))
    request_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


# Memberships are at their project's marking, and a receipt repeats what was answered.
follows("membership", "project_id", "project")
quotes("receipt", "answer")
aside("membership", "receipt")
