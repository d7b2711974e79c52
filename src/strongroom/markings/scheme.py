"""A scheme: the marking rules of an organisation, loaded from a YAML file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

import yaml
from pydantic import ValidationError

from strongroom.markings import algebra, ism, laws
from strongroom.markings.algebra import NOTHING, Names, Parts
from strongroom.markings.blueprint import Blueprint
from strongroom.markings.bounded import Bounded
from strongroom.markings.clearance import Clearance, ClearanceSpec
from strongroom.markings.draft import Draft, Place
from strongroom.markings.errors import MarkingError, SchemeError
from strongroom.markings.lexicon import Lexicon
from strongroom.markings.marking import Marking
from strongroom.markings.parse import parse
from strongroom.markings.vocabulary import vocabulary

try:
    from yaml import CSafeLoader as SafeLoader  # a tenth of the time, at every start
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

SHIPPED = ("corporate", "tlp", "uk-gscp", "us-cui", "us-notional")
"""The schemes that come with the package."""

KEPT = 40
"""Names in the largest marking that is remembered: what comes from outside may not fill the memory."""


class Scheme:
    """The rules of one organisation, and the one place its markings are made.

    A scheme is known by `hash`, the SHA-256 of its content; loading the same content twice gives the same
    object, so that markings of the two can be compared. Safe to use from several threads.
    """

    def __init__(self, plan: Blueprint) -> None:
        self.plan = plan
        self.lexicon = Lexicon(plan)
        self.name = plan.name
        self.version = plan.version
        self.title = plan.title
        self.hash = content_hash(plan)
        self.levels = self.lexicon.levels
        self.lawful = False
        """Whether the laws were tried; the shipped schemes are tried by the tests instead."""
        self._lock = Lock()
        self._interned: WeakValueDictionary[Parts, Marking] = WeakValueDictionary()
        self._texts: Bounded[str, Marking] = Bounded()
        self._joins: Bounded[tuple[Marking, Marking], Marking] = Bounded(1 << 13)
        self._specs: Bounded[ClearanceSpec, Clearance] = Bounded(4096)
        self._clearances: Bounded[Clearance, Clearance] = Bounded(4096)
        self.bottom = self.parse(self.levels[0].banner)

    @staticmethod
    def load(name_or_path: str | Path) -> Scheme:
        """A shipped scheme by its name, or a YAML file by its path.

        Raises SchemeError where there is none, the file is no scheme, or a law does not hold in it (with a
        counter-example).
        """
        if isinstance(name_or_path, str) and name_or_path in SHIPPED:
            file = resources.files("strongroom.markings") / "schemes" / f"{name_or_path}.yaml"
            return Scheme.of(_blueprint(file.read_text("utf-8"), name_or_path))
        path = Path(name_or_path)
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SchemeError(f"no scheme can be read from {str(path)!r}: {error}") from None
        scheme = Scheme.of(_blueprint(text, str(path)))
        if not scheme.lawful:
            laws.check(scheme)
            scheme.lawful = True
        return scheme

    @staticmethod
    def of(plan: Blueprint) -> Scheme:
        """The scheme of a blueprint: the one there is already, or a new one."""
        with _loading:
            scheme = _loaded.get(content_hash(plan))
            if scheme is None:
                scheme = Scheme(plan)
                _loaded[scheme.hash] = scheme
            return scheme

    def parse(self, text: str) -> Marking:
        """The marking of a portion `(S//NF)` or a banner `SECRET//NOFORN`; raises MarkingError."""
        marking = self._texts.get(text)
        if marking is None:
            marking = self.intern(parse(text, self.lexicon))
            if marking.parts.size <= KEPT:
                self._texts.keep(text, marking)
        return marking

    def from_json(self, data: Mapping[str, object]) -> Marking:
        """The marking of a JSON form, as `Marking.to_json` writes it; raises MarkingError."""
        return self.parse(ism.text_of(data, self.lexicon))

    def join(self, markings: Iterable[Marking]) -> Marking:
        """The join of all, `bottom` where there are none."""
        joined = self.bottom
        for marking in dict.fromkeys(markings):
            joined = self.joined(joined, marking)
        return joined

    def joined(self, a: Marking, b: Marking) -> Marking:
        """The join of two markings of this scheme."""
        marking = self._joins.get((a, b))
        if marking is None:
            if a.scheme is not self or b.scheme is not self:
                raise SchemeError(f"{a!r} and {b!r} are of different schemes")
            marking = self.intern(algebra.join(a.parts, b.parts, self.lexicon.ceilings))
            if marking.parts.size <= KEPT:
                self._joins.keep((a, b), marking)
        return marking

    def intern(self, parts: Parts) -> Marking:
        """The one marking with these parts."""
        with self._lock:
            marking = self._interned.get(parts)
            if marking is None:
                marking = Marking(self, parts)
                self._interned[parts] = marking
            return marking

    def clearance(self, data: Mapping[str, object] | ClearanceSpec) -> Clearance:
        """The clearance that JSON describes; raises MarkingError for what the scheme does not know."""
        spec = data if isinstance(data, ClearanceSpec) else _spec(data)
        clearance = self._specs.get(spec)
        if clearance is None:
            clearance = self._specs.keep(spec, self.held(self._cleared(spec)))
        return clearance

    def held(self, clearance: Clearance) -> Clearance:
        """An equal clearance that may already know its answers."""
        return self._clearances.get(clearance) or self._clearances.keep(clearance, clearance)

    def _cleared(self, spec: ClearanceSpec) -> Clearance:
        lexicon = self.lexicon
        level = spec.level if spec.level is not None else self.levels[0].long
        if level not in lexicon.rank_of:
            raise MarkingError(level, 0, f"a level ({', '.join(one.long for one in self.levels)})", level)
        nations = lexicon.nations.readers if lexicon.nations else NOTHING
        audiences = lexicon.audiences
        return Clearance(
            scheme=self,
            level=self.levels[lexicon.rank_of[level]],
            compartments=NOTHING.union(*(self._compartments(name) for name in spec.compartments)),
            nations=_known(spec.nations, nations.__contains__, "a nation of the scheme"),
            circles=_known(
                spec.circles, audiences.knows if audiences else NOTHING.__contains__, "a circle of the scheme"
            ),
            name=spec.name or None,
            attributes=_known(spec.attributes, lexicon.attributes.__contains__, "an attribute of the scheme"),
        )

    def _compartments(self, name: str) -> Names:
        """A compartment, and those above it: who holds `SI-G ABCD` holds `SI-G` and `SI`."""
        draft = Draft(name)
        for block in self.lexicon.compartments:
            if block.opens(name):
                block.read([Place(0, name)], draft)
                return frozenset(draft.compartments)
        hints = "; ".join(block.hint() for block in self.lexicon.compartments)
        raise MarkingError(name, 0, hints or "no compartment: the scheme has none", name)

    def vocabulary(self) -> dict[str, object]:
        """What a form needs to build a marking or a clearance, as JSON values."""
        return {"hash": self.hash, **vocabulary(self.plan, self.lexicon)}

    def __repr__(self) -> str:
        return f"<scheme {self.name} {self.version}>"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return _revive, (self.plan.model_dump_json(),)


def content_hash(plan: Blueprint) -> str:
    """SHA-256 of what the scheme says, however its file is laid out."""
    content = json.dumps(plan.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _blueprint(text: str, source: str) -> Blueprint:
    try:
        data = yaml.load(text, _NoDuplicates)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise SchemeError(f"{source} is not YAML: {error}") from None
    try:
        return Blueprint.model_validate(data)
    except ValidationError as error:
        raise SchemeError(f"{source} is no scheme: {_first(error)}") from None


class _NoDuplicates(SafeLoader):
    """YAML takes the last of two equal keys in silence; in a scheme that would hide a rule."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name!r} stands there twice", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


def _spec(data: Mapping[str, object]) -> ClearanceSpec:
    try:
        return ClearanceSpec.model_validate(data)
    except ValidationError as error:
        raise MarkingError(repr(data), 0, f"a clearance ({_first(error)})", repr(data)) from None


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(step) for step in first["loc"]) or "the whole"
    return f"{where}: {first['msg']}"


def _known(names: Iterable[str], knows: Callable[[str], bool], expected: str) -> Names:
    for name in names:
        if not knows(name):
            raise MarkingError(name, 0, expected, name)
    return frozenset(names)


def _revive(content: str) -> Scheme:
    return Scheme.of(Blueprint.model_validate_json(content))


_loaded: dict[str, Scheme] = {}
_loading = Lock()
