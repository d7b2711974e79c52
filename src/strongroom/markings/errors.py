"""What can be wrong with a marking, and with a scheme."""

from __future__ import annotations


class MarkingError(ValueError):
    """A text (or JSON value) that is no marking of the scheme.

    `text` is what was read, `position` the offset of the first wrong code point in it (from 0), `expected` what
    could have stood there, `found` what stood there ("" at the end of the text).
    """

    def __init__(self, text: str, position: int, expected: str, found: str = "") -> None:
        self.text = text
        self.position = position
        self.expected = expected
        self.found = found
        was = repr(_short(found)) if found else "the end"
        super().__init__(f"at position {position}: found {was}, expected {expected}")

    def pointed(self) -> str:
        """Two lines: the text, and under it a caret at the position."""
        line = "".join(character if character.isprintable() else " " for character in self.text)
        return f"{line}\n{' ' * self.position}^"

    def __reduce__(self) -> tuple[type[MarkingError], tuple[str, int, str, str]]:
        return type(self), (self.text, self.position, self.expected, self.found)


class SchemeError(ValueError):
    """A scheme that cannot be used, or markings of two schemes brought together.

    `law` names the law that does not hold and `counter_example` the markings (and reader) that show it; both are
    "" when the file is wrong in a simpler way.
    """

    def __init__(self, message: str, *, law: str = "", counter_example: str = "") -> None:
        self.law = law
        self.counter_example = counter_example
        super().__init__(f"{message}: {counter_example}" if counter_example else message)


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
