"""Hygiene of addresses and other subjects before they are sent, and their short form for people to read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from .errors import InvalidSubject

_SUBJECTS = ("address", "subject", "travel_address", "vasp", "memo")
_ANY_SCRIPT = ("common_name", "identifier")  # kinds of subjects that may be written in any script


def clean(value: str, *, any_script: bool = False) -> str:
    """Returns the value without blanks around it. Refuses characters that cannot be seen, and letters that look like others."""
    value = value.strip(" \t\r\n")
    if not value:
        raise InvalidSubject("empty", "the subject is empty")
    for at, character in enumerate(value, 1):
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs") or (category == "Zs" and not any_script):
            raise InvalidSubject("invisible_character", f"character {at} is U+{ord(character):04X}, which cannot be seen")
        if ord(character) > 0x7E and not any_script:
            hint = "an address has ASCII characters only, and a domain is written as xn--…"
            raise InvalidSubject("look_alike", f"character {at} is U+{ord(character):04X}: {hint}")
    return value


def clean_item(item: Mapping[str, object]) -> dict[str, object]:
    """Cleans the members of an object that name a subject; a memo may be in any script."""
    kind = str(item.get("kind") or "")
    cleaned = dict(item)
    for name in _SUBJECTS:
        value = item.get(name)
        if isinstance(value, str):
            any_script = name == "memo" or (name == "subject" and kind.split(":")[0] in _ANY_SCRIPT)
            cleaned[name] = clean(value, any_script=any_script)
    return cleaned


def redacted(value: str) -> str:
    """First 6 and last 4 characters; all of a short value is hidden."""
    return f"{value[:6]}…{value[-4:]}" if len(value) > 12 else "…"


def named_in(value: object) -> Iterator[str]:
    """Yields every subject in a request."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if name in _SUBJECTS and isinstance(member, str):
                yield member
            else:
                yield from named_in(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from named_in(member)


def without(text: str, subjects: Iterable[str]) -> str:
    """Returns the text with every one of these subjects in its short form, in whatever case it is written."""
    for subject in sorted(set(subjects), key=len, reverse=True):
        if len(subject) > 3:
            text = re.sub(re.escape(subject), lambda found: redacted(found.group()), text, flags=re.IGNORECASE)
    return text
