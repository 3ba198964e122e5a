"""How Sphinx builds these pages: Markdown in, HTML out, and a warning is an error."""

from __future__ import annotations

from jupyter_mlops import __version__

project = "jupyter_mlops"
author = "Jupyter MLOps contributors"
release = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "pydata_sphinx_theme"
html_title = project
html_theme_options = {"show_toc_level": 2}
