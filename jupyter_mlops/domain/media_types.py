"""Which media type and preview a file name stands for; anything unknown is plain bytes."""

from __future__ import annotations

from jupyter_mlops.domain.artifacts import PreviewKind

OCTET_STREAM = "application/octet-stream"

# Allow-list of security row S16: a type that is not here is never named to a browser.
_BY_SUFFIX: dict[str, tuple[str, PreviewKind]] = {
    "txt": ("text/plain", "text"),
    "log": ("text/plain", "text"),
    "py": ("text/plain", "text"),
    "r": ("text/plain", "text"),
    "sql": ("text/plain", "text"),
    "toml": ("text/plain", "text"),
    "ini": ("text/plain", "text"),
    "yaml": ("text/plain", "text"),
    "yml": ("text/plain", "text"),
    "md": ("text/markdown", "markdown"),
    "csv": ("text/csv", "table"),
    "tsv": ("text/tab-separated-values", "table"),
    "json": ("application/json", "json"),
    "ipynb": ("application/x-ipynb+json", "notebook"),
    "html": ("text/html", "html"),
    "htm": ("text/html", "html"),
    "png": ("image/png", "image"),
    "jpg": ("image/jpeg", "image"),
    "jpeg": ("image/jpeg", "image"),
    "gif": ("image/gif", "image"),
    "webp": ("image/webp", "image"),
    "svg": ("image/svg+xml", "image"),
    "pdf": ("application/pdf", "none"),
    "zip": ("application/zip", "none"),
}


def of_path(path: str) -> tuple[str, PreviewKind]:
    """Return the media type and the kind of preview for a logical path."""
    name = path.rsplit("/", 1)[-1]
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return _BY_SUFFIX.get(suffix, (OCTET_STREAM, "none"))
