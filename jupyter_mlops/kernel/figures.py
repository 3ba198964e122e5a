"""How figures of the plotting libraries become files; a library is known by what its figures can do."""

from __future__ import annotations

from typing import IO, Any

_IMAGE_ENDINGS = frozenset({"png", "svg", "pdf", "jpg", "jpeg", "webp", "gif", "tif", "tiff"})


class FigureError(Exception):
    """This object cannot be written as a file with this ending."""


def write_figure(figure: Any, ending: str, file: IO[bytes]) -> None:
    """Write ``figure`` to ``file`` in the format that ``ending`` (without its dot) names.

    Raises FigureError for an unknown object or ending, and what the library raises.
    """
    if ending == "html":
        page = getattr(figure, "to_html", None)  # Plotly, Altair
        if page is None:
            raise FigureError(f"a {type(figure).__name__} has no HTML form")
        file.write(str(page()).encode("utf-8", "replace"))
        return
    if ending not in _IMAGE_ENDINGS:
        raise FigureError("its path must end in .png, .svg, .pdf, .jpg, .webp, .gif or .html")
    if not hasattr(figure, "savefig"):
        figure = getattr(figure, "figure", figure)  # the axes of Matplotlib and of seaborn
    if hasattr(figure, "savefig"):
        figure.savefig(file, format=ending)
    elif hasattr(figure, "to_image"):  # Plotly, which needs its kaleido package for this
        file.write(figure.to_image(format="jpeg" if ending == "jpg" else ending))
    elif hasattr(figure, "save"):  # Pillow
        figure.save(file, format={"jpg": "jpeg", "tif": "tiff"}.get(ending, ending))
    else:
        raise FigureError(f"a {type(figure).__name__} is not a figure of a library known here")
