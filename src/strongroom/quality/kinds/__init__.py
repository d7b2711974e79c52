"""Consensus on answers that are more than a class.

Every kind is a module with `fit(answers)`: `Answer(item, annotator, value)` in, an `Outcome` out whose `consensus` maps items
to a value of the same shape, and whose `reliability` maps annotators to a figure from 0 to 1. What a value is:

    spans           a tuple of Span(start, end, label)
    boxes           a tuple of Box(left, top, right, bottom, label)
    oriented_boxes  a tuple of OrientedBox(x, y, width, height, angle, label)
    polygons        a tuple of Polygon(points, label)
    masks           an array of integers (rows × columns), 0 for the background
    relations       Linked(spans, relations)
    rankings        a tuple of tiers, best first; a preference is a ranking of two
    numbers         a number
    text            a string

For all of them: the order of answers, of annotators and of objects within an answer means nothing; one annotator's answer
comes back as it is; an answer on which all agree is kept exactly; of an annotator's several answers to an item the first counts;
nothing is random. Needs NumPy and SciPy.
"""

from __future__ import annotations

from strongroom.quality.kinds.answer import Answer, Outcome

__all__ = ["Answer", "Outcome"]
