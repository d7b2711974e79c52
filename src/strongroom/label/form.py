"""The form of a project: what an annotator is asked, and in which words.

A form is written as YAML or JSON. Label ids are what answers hold; titles, colours and keys are only how they look
and may change freely. Plain YAML words stay words: `id: no` is the id "no", `id: 007` the id "007".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from strongroom.errors import InvalidError
from strongroom.label.rules import Rules

MAX_FORM_CHARACTERS = 500_000
MAX_OVERLAP = 1_000
MAX_DEPTH = 20

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Names the field in every answer.")]
LabelId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}$", description="What answers hold.")
]
Hotkey = Annotated[
    str, Field(pattern=r"^[!-~]$", description="One printable key, not `?`; unique in the form.")
]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Title = Annotated[str, Field(min_length=1, max_length=300)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, frozen=True)


class Label(_Part):
    """One choice. Without a title it is shown by its id."""

    id: LabelId
    title: Annotated[str, Field(max_length=300)] = ""
    key: Hotkey | None = None
    colour: Colour | None = None
    description: Annotated[str, Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def _titled(self) -> Label:
        if not self.title:
            object.__setattr__(self, "title", self.id)
        return self


Labels = Annotated[tuple[Label, ...], Field(min_length=1, max_length=500)]


class ClassField(_Part):
    """Choose one label, or several with `multiple`."""

    key: Key
    kind: Literal["class"]
    title: Title
    help: Annotated[str, Field(max_length=2_000)] | None = None
    required: bool = True
    multiple: bool = False
    labels: Labels


class SpansField(_Part):
    """Mark stretches of the text, each with a label; stretches may overlap. `required` asks for at least one."""

    key: Key
    kind: Literal["spans"]
    title: Title
    help: Annotated[str, Field(max_length=2_000)] | None = None
    required: bool = False
    labels: Labels


class TextField(_Part):
    """Free text of at most `max_length` characters."""

    key: Key
    kind: Literal["text"]
    title: Title
    help: Annotated[str, Field(max_length=2_000)] | None = None
    required: bool = False
    max_length: Annotated[int, Field(ge=1, le=20_000)] = 2_000


FormField = Annotated[ClassField | SpansField | TextField, Field(discriminator="kind")]


class Questions(_Part):
    """The fields alone: what a project stores and an answer is checked against."""

    fields: Annotated[tuple[FormField, ...], Field(min_length=1, max_length=50)]

    def field(self, key: str) -> ClassField | SpansField | TextField | None:
        return next((field for field in self.fields if field.key == key), None)

    @model_validator(mode="after")
    def _nothing_twice(self) -> Questions:
        problems = list(_twice(self.fields))
        if problems:
            raise _TwiceError(problems)
        return self


class Form(Questions):
    """A whole form file: the questions, and what a project made from it starts with."""

    name: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=2_000)] = ""
    guideline: Annotated[str, Field(max_length=200_000)] = ""
    overlap: Annotated[int, Field(ge=1, le=MAX_OVERLAP, description="Answers wanted for each task.")] = 1
    lease_seconds: Annotated[int, Field(ge=30, le=86_400)] = 900
    rules: Rules = Rules()

    @property
    def questions(self) -> Questions:
        return Questions(fields=self.fields)


class Problem(NamedTuple):
    """`place` leads to the part: ("fields", 1, "labels", 0, "id")."""

    place: tuple[str | int, ...]
    why: str


class _TwiceError(ValueError):
    """Carried through Pydantic as the context of its error."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.why for problem in problems))
        self.problems = problems


def _twice(fields: Sequence[ClassField | SpansField | TextField]) -> Iterator[Problem]:
    keys: set[str] = set()
    hotkeys: dict[str, str] = {}
    for number, field in enumerate(fields):
        if field.key in keys:
            yield Problem(("fields", number, "key"), f"the key {field.key!r} is used by an earlier field")
        keys.add(field.key)
        if isinstance(field, TextField):
            continue
        ids: set[str] = set()
        for place, label in enumerate(field.labels):
            if label.id in ids:
                yield Problem(
                    ("fields", number, "labels", place, "id"), f"the label {label.id!r} is here twice"
                )
            ids.add(label.id)
            if label.key is None:
                continue
            hotkey = label.key.lower()
            if hotkey == "?":
                yield Problem(("fields", number, "labels", place, "key"), "the key ? shows the list of keys")
            elif hotkey in hotkeys:
                yield Problem(
                    ("fields", number, "labels", place, "key"),
                    f"the key {label.key!r} already chooses {hotkeys[hotkey]!r}",
                )
            hotkeys.setdefault(hotkey, label.id)


def load(source: str | Mapping[str, Any]) -> Form:
    """Read a form from YAML or JSON text, or from a parsed object.

    Raises InvalidError with `errors`: a list of {where, why}; `where` has the line when the source is YAML text.
    """
    if not isinstance(source, str):
        return _validated(Form, source, {})
    if len(source) > MAX_FORM_CHARACTERS:
        raise InvalidError(
            f"A form may have {MAX_FORM_CHARACTERS:,} characters, this one has {len(source):,}."
        )
    if source.lstrip().startswith("{"):
        return _validated(Form, _from_json(source), {})
    content, lines = _from_yaml(source)
    return _validated(Form, content, lines)


@lru_cache(maxsize=256)
def questions(text: str) -> Questions:
    """The questions from their stored JSON. The cache is a function of the text alone: it tells nobody anything."""
    return Questions.model_validate_json(text)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a form file."""
    return Form.model_json_schema()


Lines = Mapping[tuple[str | int, ...], int]


def _validated(model: type[Form], content: object, lines: Lines) -> Form:
    if not isinstance(content, Mapping):
        raise InvalidError("A form is a mapping with a list `fields`.")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [problem for found in error.errors() for problem in _problems(found)]
    errors = [{"where": _where(problem.place, lines), "why": problem.why} for problem in problems]
    raise InvalidError(
        f"The form has {len(errors)} {'mistake' if len(errors) == 1 else 'mistakes'}: "
        f"{errors[0]['where']}: {errors[0]['why']}.",
        errors=errors,
    )


def _problems(found: Any) -> list[Problem]:
    carried = found.get("ctx", {}).get("error")
    if isinstance(carried, _TwiceError):
        return carried.problems
    kinds = {"class", "spans", "text"}
    # Pydantic puts the tag of the union into the path, behind the number of the field.
    place = tuple(
        part
        for before, part in zip((None, *found["loc"]), found["loc"], strict=False)
        if not (part in kinds and isinstance(before, int))
    )
    return [Problem(place, _WHY.get(found["type"], found["msg"].removeprefix("Value error, ")))]


_WHY = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "union_tag_not_found": "needs a kind: class, spans or text",
    "union_tag_invalid": "has an unknown kind; expected class, spans or text",
}


def _where(place: tuple[str | int, ...], lines: Lines) -> str:
    path = (
        "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".") or "form"
    )
    known = next((lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines), None)
    return path if known is None else f"{path} (line {known})"


def _from_json(source: str) -> object:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, times in Counter(key for key, _ in pairs).items():
            if times > 1:
                raise InvalidError(
                    f"The key {key!r} is written {times} times in one object.",
                    errors=[{"where": key, "why": "written more than once"}],
                )
        return dict(pairs)

    try:
        return json.loads(source, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        why = f"{error.msg} (line {error.lineno}, column {error.colno})"
        raise InvalidError(f"The form is not JSON: {why}.", errors=[{"where": "form", "why": why}]) from None
    except RecursionError:
        raise InvalidError("The form is nested too deeply.") from None


class _WordLoader(yaml.SafeLoader):
    """YAML in which plain scalars stay words, keys are unique, and nothing is repeated by reference."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way of configuring a loader
        first: [(tag, regex) for tag, regex in rules if tag == "tag:yaml.org,2002:null"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_QUESTION_MARK = "\uf8ff"


def _from_yaml(source: str) -> tuple[object, Lines]:
    # PyYAML ends a plain word within braces at a question mark: {title: What happened?}. No form needs it as a sign.
    source = source.replace("?", _QUESTION_MARK)
    try:
        _refuse_traps(source)
        node = yaml.compose(source, Loader=_WordLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _yaml_mistake((error.problem or "not YAML").replace(_QUESTION_MARK, "?"), line) from None
    except yaml.YAMLError as error:
        raise InvalidError(f"The form is not YAML: {str(error).splitlines()[0]}.") from None
    except RecursionError:
        raise InvalidError("The form is nested too deeply.") from None
    lines: dict[tuple[str | int, ...], int] = {}
    return _content(node, (), lines), lines


def _refuse_traps(source: str) -> None:
    """References grow without bound, and PyYAML takes minutes over a hundred thousand brackets."""
    depth = 0
    for event in yaml.parse(source, Loader=_WordLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _yaml_mistake("references (*name) are not taken", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _yaml_mistake("nested too deeply", line)


def _content(
    node: yaml.Node | None, place: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]
) -> Any:
    if node is None:
        return None
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise _yaml_mistake("a key must be a word", line)
            key = str(key_node.value).replace(_QUESTION_MARK, "?")
            if key in mapping:
                raise _yaml_mistake(f"the key {key!r} is written twice", line, (*place, key))
            lines[(*place, key)] = line
            mapping[key] = _content(value_node, (*place, key), lines)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_content(item, (*place, number), lines) for number, item in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:null":
        return None
    return str(node.value).replace(_QUESTION_MARK, "?")


def _yaml_mistake(why: str, line: int, place: tuple[str | int, ...] = ()) -> InvalidError:
    where = _where(place, {place: line})
    return InvalidError(f"The form can't be read: {where}: {why}.", errors=[{"where": where, "why": why}])
