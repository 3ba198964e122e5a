"""Which keys, paths and labels may be recorded: the rules of `domain/names.py`, told at once.

The server judges; this copy exists because kernels hold only the standard library, and because a
user should hear of a bad name where it is written. A test compares the two.
"""

from __future__ import annotations

import re
import unicodedata

KEY_MAX_CHARS = 250
LABEL_MAX_CHARS = 250
PATH_MAX_CHARS = 1024
PART_MAX_BYTES = 255

_KEY = re.compile(r"[\w./\- :]+")
_FORBIDDEN_IN_PATH = re.compile(r'[\\:%#?;*"<>|]')
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3])")


def fault_of_key(text: object) -> str | None:
    """Say why ``text`` cannot name a metric, parameter or tag; None when it can."""
    if not isinstance(text, str):
        return "it is not text"
    if not 1 <= len(text) <= KEY_MAX_CHARS:
        return f"a key has 1 to {KEY_MAX_CHARS} characters"
    plain = _KEY.fullmatch(text) is not None and not _has_control(text)
    if not plain or unicodedata.normalize("NFC", text) != text:
        return "a key may hold letters, digits, _, -, ., /, : and spaces only"
    if any(part in ("", ".", "..") for part in text.split("/")):
        return "a key may not hold empty, . or .. parts between slashes"
    return None


def fault_of_path(text: object) -> str | None:
    """Say why ``text`` cannot be the logical path of an artifact; None when it can."""
    if not isinstance(text, str):
        return "it is not text"
    if not 1 <= len(text) <= PATH_MAX_CHARS:
        return f"a path has 1 to {PATH_MAX_CHARS} characters"
    if unicodedata.normalize("NFC", text) != text:
        return "a path must be in Unicode normal form NFC"
    if _has_control(text):
        return "a path may not hold control or invisible characters"
    if _FORBIDDEN_IN_PATH.search(text):
        return 'a path may not hold any of \\ : % # ? ; * " < > |'
    for part in text.split("/"):
        fault = _fault_of_part(part)
        if fault is not None:
            return fault
    return None


def fault_of_label(text: object) -> str | None:
    """Say why ``text`` cannot name a run or an experiment; None when it can."""
    if not isinstance(text, str):
        return "it is not text"
    cleaned = clean_label(text)
    if not 1 <= len(cleaned) <= LABEL_MAX_CHARS:
        return f"a name has 1 to {LABEL_MAX_CHARS} characters"
    if _has_control(cleaned):
        return "a name may not hold control or invisible characters"
    return None


def clean_label(text: str) -> str:
    """Return a label as it is stored: in normal form NFC, without space at its ends."""
    return unicodedata.normalize("NFC", text).strip()


def _fault_of_part(part: str) -> str | None:
    if not part:
        return "a path may not be absolute or have empty parts"
    if part != part.strip() or part[0] in ".~":
        return "no part of a path may start with a dot, a space or ~, or end with a space"
    if part[-1] == ".":
        return "no part of a path may end with a dot"
    if len(part.encode()) > PART_MAX_BYTES:
        return f"a part of a path has at most {PART_MAX_BYTES} bytes"
    if _DEVICE.fullmatch(part.split(".")[0].rstrip().upper()):
        return "a part of the path is a reserved device name"
    return None


def _has_control(text: str) -> bool:
    return any(
        category[0] == "C" or category in ("Zl", "Zp") or char in _INVISIBLE
        for char, category in ((char, unicodedata.category(char)) for char in text)
    )
