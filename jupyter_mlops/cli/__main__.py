"""`python -m jupyter_mlops.cli`: the same commands without the `jupyter` launcher."""

from __future__ import annotations

import sys

from jupyter_mlops.cli import main

sys.exit(main())
