"""The option `--home`: which home a command looks after, where no server is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.home import HOME_VARIABLE, product_home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Add the option to a command."""
    parser.add_argument(
        "--home",
        type=_folder,
        metavar="DIR",
        help=f"the home, where MLOpsApp.home names another; by default that of {HOME_VARIABLE}, "
        "or mlops in Jupyter's data folder",
    )


def home_of(arguments: Namespace) -> Path:
    """Return the home that is meant."""
    return product_home() if arguments.home is None else Path(arguments.home)


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()
