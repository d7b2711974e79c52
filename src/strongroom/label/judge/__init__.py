"""What the worker makes of a project's answers. Nothing here is imported by the web process: it needs NumPy and SciPy.

All of it is a function of the answers that may be seen at one level: the same answers, the same outcome, whoever asked
and however often it was done before.
"""

from strongroom.label.judge.look import consensus_at, look

__all__ = ["consensus_at", "look"]
