"""The promise of every logging call: whatever goes wrong in it, the user's code goes on."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from jupyter_mlops.kernel.notices import notice, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec

    P = ParamSpec("P")


def harmless(call: Callable[P, None]) -> Callable[P, None]:
    """Let ``call`` raise nothing but the TypeError of arguments that it does not take."""

    @wraps(call)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            call(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 (an object's own methods may raise anything)
            from inspect import signature  # noqa: PLC0415 (slow to import, and hardly ever needed)

            signature(call).bind(*args, **kwargs)
            notice(f"{call.__name__}: not everything was recorded ({told(error)}).")

    return guarded
