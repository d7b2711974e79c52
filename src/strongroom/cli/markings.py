"""`strongroom markings`: roll up, explain, check."""

from __future__ import annotations

from typing import Annotated

import typer

from strongroom.markings import Marking, MarkingError, Scheme, SchemeError
from strongroom.markings.explain import explain as in_words
from strongroom.markings.laws import check as check_laws

app = typer.Typer(help="Security markings: join them, explain them, check a scheme.", no_args_is_help=True)

SchemeOption = Annotated[
    str, typer.Option("--scheme", help="Name of a shipped scheme, or path of a YAML file.")
]


@app.command()
def rollup(
    portions: Annotated[list[str], typer.Argument(metavar="PORTION...", help="Portions or banners.")],
    scheme: SchemeOption = "corporate",
) -> None:
    """Prints the banner of a thing made of these portions, on one line."""
    rules = _load(scheme)
    typer.echo(str(rules.join([_parse(rules, portion) for portion in portions])))


@app.command()
def explain(
    portion: Annotated[str, typer.Argument(help="A portion or banner.")], scheme: SchemeOption = "corporate"
) -> None:
    """Says in plain words what a marking asks of a reader."""
    rules = _load(scheme)
    marking = _parse(rules, portion)
    typer.echo(str(marking))
    for line in in_words(marking):
        typer.echo(f"  {line}")


@app.command()
def check(
    scheme: Annotated[
        str, typer.Argument(metavar="SCHEME.yaml", help="A scheme file, or a shipped scheme's name.")
    ],
) -> None:
    """Validates a scheme; exits 2 with a counter-example where a law does not hold."""
    rules = _load(scheme)
    tried = check_laws(rules)
    typer.echo(
        f"{rules.title} ({rules.name}, version {rules.version}): the laws hold for {tried.markings} markings, "
        f"{tried.pairs} joins and {tried.readers} readers. Hash {rules.hash[:16]}"
    )


def _load(scheme: str) -> Scheme:
    try:
        return Scheme.load(scheme)
    except SchemeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _parse(rules: Scheme, text: str) -> Marking:
    try:
        return rules.parse(text)
    except MarkingError as error:
        typer.echo(f"{error.pointed()}\n{error}", err=True)
        raise typer.Exit(2) from None
