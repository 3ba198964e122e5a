"""Masking: secrets are replaced by exact value before any byte of a run reaches a file.

Its usual disguises are searched too: see `secret_forms.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_mlops.secret_forms import MASK, MINIMUM_CHARS, secret_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Masker:
    """Replaces the secrets of one run by ``***``; ``count`` is the number of replacements."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.count = 0
        self.unmasked = sorted(
            name for name, value in secrets.items() if 0 < len(value) < MINIMUM_CHARS
        )
        self.forms = secret_forms(secrets.values())
        self._pattern = re.compile("|".join(map(re.escape, self.forms))) if self.forms else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def text(self, text: str) -> str:
        """Return ``text`` without secrets."""
        # Looking for each form is a memory search; the pattern alone would read a large image
        # character by character.
        if self._pattern is None or not any(form in text for form in self.forms):
            return text
        masked, replaced = self._pattern.subn(MASK, text)
        self.count += replaced
        return masked

    def tree(self, value: Any) -> Any:
        """Return a JSON value without secrets in any of its texts and keys."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.tree(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return self._items(value)
        return value

    def _items(self, items: Iterable[Any]) -> list[Any]:
        masked = [self.tree(item) for item in items]
        if len(masked) < 2 or not all(isinstance(item, str) for item in masked):
            return masked
        # A text given as lines may be cut within a secret.
        whole = "".join(masked)
        found = self.text(whole)
        return masked if found == whole else found.splitlines(keepends=True)


class StreamMask:
    """Masks a text that arrives in pieces, also where a secret is cut between two of them."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what may be shown after ``text`` arrived; a possible start of a secret waits."""
        if not self._masker:
            return text
        text = self._masker.text(self._held + text)
        start = self._start_of_secret(text)
        self._held = text[start:]
        return text[:start]

    def finish(self) -> str:
        """Return what was held back; it turned out to be no secret."""
        held, self._held = self._held, ""
        return held

    def _start_of_secret(self, text: str) -> int:
        """Return where the longest tail of ``text`` begins that may grow into a secret."""
        earliest = len(text)
        for form in self._masker.forms:
            start = max(0, len(text) - len(form) + 1)
            while (start := text.find(form[0], start)) >= 0 and start < earliest:
                if form.startswith(text[start:]):
                    earliest = start
                    break
                start += 1
        return earliest
