"""Labels a project by rules: the first label whose pattern is found in the text, a skip where none is.

    export STRONGROOM_URL=http://127.0.0.1:8710 STRONGROOM_TOKEN=srt_…
    python examples/label_by_rule.py PROJECT_ID kind 'spill=oil|diesel|slick' 'fire=smoke|flames?'

The token's person needs the role of annotator in the project, and works at one level: name another with
STRONGROOM_LEVEL. What a rule said can be told from what a person said, since it was submitted under the name of the
account that you gave the program.
"""

import os
import re
import sys
from collections import Counter

from strongroom.client import Strongroom


def main(project_id: str, field: str, *rules: str) -> None:
    patterns = {
        label: re.compile(pattern, re.IGNORECASE) for label, _, pattern in (r.partition("=") for r in rules)
    }
    given: Counter[str] = Counter()
    level = os.environ.get("STRONGROOM_LEVEL")
    with Strongroom(os.environ["STRONGROOM_URL"], os.environ["STRONGROOM_TOKEN"], level) as room:
        for task in room.tasks(project_id):
            label = next(
                (label for label, pattern in patterns.items() if pattern.search(task.task.text)), None
            )
            if label is None:
                room.skip(task, "No rule matches")
            else:
                room.submit(task, {field: label})
            given[label or "(skipped)"] += 1
    for label, count in given.most_common():
        print(f"{count:6d}  {label}")


if __name__ == "__main__":
    main(*sys.argv[1:])
