"""Shapes of JSON values, checked."""

from __future__ import annotations


def texts(data: dict[str, object], key: str) -> list[str]:
    """The list of strings under `key`, empty where there is none."""
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{key}: a list of texts")
    return value


def lists_of_texts(data: dict[str, object], key: str) -> list[list[str]]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{key}: a list of lists of texts")
    return [texts({key: one}, key) for one in value]
