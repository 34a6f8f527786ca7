"""How a case says what it expects: see `about` in clients/conformance/cases.json."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any


def differences(expected: Any, found: Any, names: dict[str, Any], at: str = "") -> list[str]:
    """Returns what differs, in words. `names` keeps the values of `$same` and `$fresh` within a case."""
    if isinstance(expected, dict) and any(name.startswith("$") for name in expected):
        [(comparison, value)] = expected.items()
        comparisons: dict[str, Callable[[], bool]] = {
            "$contains": lambda: value in found,
            "$length": lambda: len(found) == value,
            "$matches": lambda: re.search(value, str(found)) is not None,
            "$same": lambda: found is not None and names.setdefault(value, found) == found,
            "$fresh": lambda: found is not None and found not in names.get("seen", {}).get(value, []),
        }
        holds = comparisons[comparison]()
        return [] if holds else [f"{at}: {found!r} is not {expected}"]
    if isinstance(expected, dict) and isinstance(found, dict):
        return [line for name, value in expected.items() for line in differences(value, found.get(name), names, f"{at}/{name}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [line for number, value in enumerate(expected) for line in differences(value, found[number], names, f"{at}/{number}")]
    return [] if expected == found and isinstance(expected, bool) == isinstance(found, bool) else [f"{at}: {found!r} is not {expected!r}"]
