"""How long it takes to parse and join markings, interned and not.

    python benchmarks/markings_rollup.py [PORTIONS]

A rollup reads a portion and joins it to what was there before. Interned is the public way (`Scheme.parse` and `|`);
uninterned is the same grammar and algebra without the tables. Two mixes: a document (60 distinct portions) and an
archive (each second portion is new). Then single operations, in nanoseconds. Figures are CPU time, best of three.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

from strongroom.markings import Marking, Scheme, algebra
from strongroom.markings.parse import parse


def document(count: int) -> list[str]:
    texts = [
        f"({level}//{system}//{release})"
        for level in ("C", "S", "TS")
        for system in ("SI", "TK", "SI-G ABCD", "HCS/SI")
        for release in ("NF", "REL TO USA, GBR", "REL TO USA, FVEY", "RELIDO", "OC/NF")
    ]
    return random.Random(1).choices(texts, k=count)


def archive(count: int) -> list[str]:
    new = [f"(S//SI-G {number}//REL TO USA, FVEY)" for number in range(count // 2)]
    mixed = new + document(count - len(new))
    random.Random(1).shuffle(mixed)
    return mixed


def interned(scheme: Scheme, portions: list[str]) -> str:
    """Each document of a hundred portions has its banner."""
    banner = scheme.bottom
    for start in range(0, len(portions), 100):
        banner = scheme.bottom
        for portion in portions[start : start + 100]:
            banner = banner | scheme.parse(portion)
    return str(banner)


def uninterned(scheme: Scheme, portions: list[str]) -> str:
    banner = scheme.bottom.parts
    for start in range(0, len(portions), 100):
        banner = scheme.bottom.parts
        for portion in portions[start : start + 100]:
            banner = algebra.join(banner, parse(portion, scheme.lexicon), scheme.lexicon.ceilings)
    return str(scheme.intern(banner))


def fresh() -> Scheme:
    """A scheme that remembers nothing yet."""
    return Scheme(Scheme.load("us-notional").plan)


def seconds(run: Callable[[Scheme, list[str]], str], portions: list[str]) -> tuple[float, str]:
    best, banner = float("inf"), ""
    for _ in range(3):
        scheme = fresh()
        began = time.process_time()
        banner = run(scheme, portions)
        best = min(best, time.process_time() - began)
    return best, banner


def nanoseconds(operation: Callable[[], object], times: int = 200_000) -> float:
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for _ in range(times):
            operation()
        best = min(best, time.process_time() - began)
    return best / times * 1e9


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{count:,} portions parsed and joined, documents of 100 portions")
    for name, portions in (("document", document(count)), ("archive", archive(count))):
        fast, banner = seconds(interned, portions)
        slow, same = seconds(uninterned, portions)
        assert banner == same
        print(
            f"  {name:<10} interned {fast:6.3f} s   uninterned {slow:6.3f} s   "
            f"interned / uninterned {fast / slow:5.3f}   ({len(set(portions)):,} distinct)"
        )
    print("one operation")
    for name, operation in operations(fresh()):
        print(f"  {name:<32} {nanoseconds(operation):8.0f} ns")


def operations(scheme: Scheme) -> list[tuple[str, Callable[[], object]]]:
    a, b = scheme.parse("(S//SI//REL TO USA, GBR)"), scheme.parse("(TS//TK//NF)")
    reader = scheme.clearance({"level": "TS", "nations": ["USA"], "compartments": ["SI", "TK"]})

    def decide(marking: Marking = a) -> bool:
        return reader._decide(marking.parts, "view")

    return [
        ("parse, seen before", lambda: scheme.parse("(S//SI//REL TO USA, GBR)")),
        ("parse, uninterned", lambda: parse("(S//SI//REL TO USA, GBR)", scheme.lexicon)),
        ("a | b, seen before", lambda: a | b),
        ("a | b, uninterned", lambda: algebra.join(a.parts, b.parts, scheme.lexicon.ceilings)),
        ("a <= b", lambda: a <= b),
        ("permits, seen before", lambda: reader.permits(a)),
        ("permits, decided anew", decide),
    ]


if __name__ == "__main__":
    main()
