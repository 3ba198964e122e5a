"""Which names are allowed: ids, keys, logical paths (security row S11), decided once at the door."""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import lru_cache
from typing import Annotated

import msgspec

from jupyter_mlops.domain.errors import InvalidName

RUN_ID = re.compile(r"[0-9a-f]{32}")
KEY_MAX_CHARS = 250
PATH_MAX_CHARS = 1024
PART_MAX_BYTES = 255
LABEL_MAX_CHARS = 250
ALIAS_MAX_CHARS = 255
# By this name MLflow's clients mean the newest version of a model.
LATEST = "latest"

# What a query says that it takes; the rest of each rule is in the functions below.
KeyText = Annotated[str, msgspec.Meta(min_length=1, max_length=KEY_MAX_CHARS)]
PathText = Annotated[str, msgspec.Meta(min_length=1, max_length=PATH_MAX_CHARS)]
LabelText = Annotated[str, msgspec.Meta(min_length=1, max_length=LABEL_MAX_CHARS)]

_FORBIDDEN_IN_PATH = frozenset('\\:%#?;*"<>|')
# Letters and marks that show nothing: two names would look the same, or one like no name.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{stem}{digit}" for stem in ("COM", "LPT") for digit in "0123456789\u00b9\u00b2\u00b3"]
)
_DRIVE = re.compile(r"[A-Za-z]:")
_KEY = re.compile(r"[\w./\- :]+")
_ALIAS = re.compile(r"[\w-]+")
_VERSION_LIKE = re.compile(r"v[0-9]+", re.IGNORECASE)


def new_run_id() -> str:
    """Return a fresh run id: 128 random bits as 32 lower-case hexadecimal digits."""
    return secrets.token_hex(16)


def is_run_id(text: str) -> bool:
    """Tell whether ``text`` has the form of a run id."""
    return RUN_ID.fullmatch(text) is not None


def has_hidden(text: str) -> bool:
    """Tell whether ``text`` holds a control character, or one that shows nothing or deceives."""
    if text.isascii():
        return not text.isprintable()
    # Category C: controls, direction marks and other format characters, surrogates, unassigned;
    # Zl and Zp break lines. A joiner inside an emoji is a format character too; it is refused
    # with the rest, names are not prose.
    return any(
        category[0] == "C" or category in ("Zl", "Zp") or char in _INVISIBLE
        for char, category in ((char, unicodedata.category(char)) for char in text)
    )


def logical_path(text: str, *, field: str = "path") -> str:
    """Return ``text`` if it is a safe logical path (``plots/loss.png``), else raise InvalidName."""
    if not 1 <= len(text) <= PATH_MAX_CHARS:
        raise InvalidName(f"A path has 1 to {PATH_MAX_CHARS} characters.", field=field)
    if unicodedata.normalize("NFC", text) != text:
        raise InvalidName("A path must be in Unicode normal form NFC.", field=field)
    if has_hidden(text):
        raise InvalidName("A path may not hold control or invisible characters.", field=field)
    if any(char in _FORBIDDEN_IN_PATH for char in text):
        raise InvalidName('A path may not hold any of \\ : % # ? ; * " < > |.', field=field)
    for part in text.split("/"):
        _check_part(part, field)
    return text


def _check_part(part: str, field: str) -> None:
    if not part:
        raise InvalidName("A path may not be absolute or have empty parts.", field=field)
    if part.startswith("."):
        raise InvalidName("No part of a path may start with a dot.", field=field)
    if part != part.strip() or part.startswith("~") or part.endswith("."):
        raise InvalidName(
            "No part of a path may start with a space or ~, or end with a dot or space.",
            field=field,
        )
    if len(part.encode()) > PART_MAX_BYTES:
        raise InvalidName(f"A part of a path has at most {PART_MAX_BYTES} bytes.", field=field)
    if part.split(".")[0].rstrip().upper() in _DEVICES:
        raise InvalidName("A part of the path is a reserved device name.", field=field)


def file_path(text: str, *, field: str = "path") -> str:
    """Return ``text`` if it may name a file that a client stores, else raise InvalidName.

    More is allowed than in a logical path, because MLflow's clients name files as they like: only
    what could mean another place, or deceive, is refused.
    """
    if not 1 <= len(text) <= PATH_MAX_CHARS:
        raise InvalidName(f"A path has 1 to {PATH_MAX_CHARS} characters.", field=field)
    if has_hidden(text) or "\\" in text or _DRIVE.match(text):
        raise InvalidName("Invalid path: it holds what no name of a file may.", field=field)
    parts = text.split("/")
    if any(part in ("", ".", "..") or len(part.encode()) > PART_MAX_BYTES for part in parts):
        raise InvalidName("Invalid path: it has empty, . or .. parts, or longer ones.", field=field)
    return text


def key(text: str, *, field: str = "key") -> str:
    """Return ``text`` if it may name a metric, parameter or tag, else raise InvalidName.

    The alphabet is MLflow's: word characters, ``_ - . space : /``, at most ``KEY_MAX_CHARS``.
    """
    if not 1 <= len(text) <= KEY_MAX_CHARS:
        raise InvalidName(f"A key has 1 to {KEY_MAX_CHARS} characters.", field=field)
    fault = _fault_of_key(text)
    if fault is not None:
        raise InvalidName(fault, field=field)
    return text


# A metric comes a thousand times under the same key.
@lru_cache(maxsize=1_000)
def _fault_of_key(text: str) -> str | None:
    plain = _KEY.fullmatch(text) is not None and not has_hidden(text)
    if not plain or unicodedata.normalize("NFC", text) != text:
        return "A key may hold letters, digits, _, -, ., /, : and spaces only."
    if text.startswith("/") or any(part in ("", ".", "..") for part in text.split("/")):
        return "A key may not hold empty, . or .. parts between slashes."
    return None


def label(text: str, *, field: str = "name") -> str:
    """Return a human label (run name, experiment name) stripped and checked, else InvalidName."""
    cleaned = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(cleaned) <= LABEL_MAX_CHARS:
        raise InvalidName(f"A name has 1 to {LABEL_MAX_CHARS} characters.", field=field)
    if has_hidden(cleaned):
        raise InvalidName("A name may not hold control or invisible characters.", field=field)
    return cleaned


def model_name(text: str, *, field: str = "name") -> str:
    """Return the name of a registered model, cleaned like a label, else raise InvalidName."""
    if "/" in text or ":" in text:
        raise InvalidName("The name of a model may not hold / or :.", field=field)
    if text.strip() in (".", ".."):
        raise InvalidName("The name of a model may not be . or ..", field=field)
    return label(text, field=field)


def alias(text: str, *, field: str = "alias") -> str:
    """Return ``text`` if it may name an alias of a registered model, else raise InvalidName.

    The alphabet is MLflow's: letters, digits, ``_`` and ``-``; its words for versions are reserved.
    """
    if not 1 <= len(text) <= ALIAS_MAX_CHARS:
        raise InvalidName(f"An alias has 1 to {ALIAS_MAX_CHARS} characters.", field=field)
    if _ALIAS.fullmatch(text) is None or unicodedata.normalize("NFC", text) != text:
        raise InvalidName("An alias may hold letters, digits, _ and - only.", field=field)
    meant = canonical(text)
    if meant == LATEST or _VERSION_LIKE.fullmatch(meant):
        raise InvalidName("An alias may not be latest, or v and a number: reserved.", field=field)
    return text


def canonical(text: str) -> str:
    """Return the form in which two names are compared for uniqueness (security row S30)."""
    # Folding can undo the normal form: once more, as Unicode's toNFKC_Casefold does.
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)
