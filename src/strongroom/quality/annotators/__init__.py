"""What the answers say about those who gave them: skill with an interval, change over time, signs of spam.

Numbers about people: show them with their intervals, and let a person decide.
"""

from strongroom.quality.annotators.drift import Drift, drift
from strongroom.quality.annotators.skill import Skill, skills
from strongroom.quality.annotators.spam import Suspicion, suspicions

__all__ = ["Drift", "Skill", "Suspicion", "drift", "skills", "suspicions"]
