"""A workspace to look at: two projects, a dozen people who may not see the same things, work already under way.

`create` makes it through the public functions of the rooms, as simulated people with known error rates would have:
`cast` says who they are, `texts` what they work on, `annotators` how they err, `schedule` when they worked, `workspace`
what happened.
"""

from strongroom.demo.cast import NEWCOMER, Character, characters
from strongroom.demo.workspace import create, is_absent, is_one, made_at

__all__ = ["NEWCOMER", "Character", "characters", "create", "is_absent", "is_one", "made_at"]
