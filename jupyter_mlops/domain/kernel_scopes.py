"""What the token of a kernel is good for: nothing that runs a program."""

from __future__ import annotations

from jupyter_mlops.domain.actors import Action, Actor, Resource

GRANTED: tuple[tuple[Action, Resource], ...] = (
    ("read", "mlops:runs"),
    ("write", "mlops:runs"),
    ("read", "mlops:experiments"),
    ("write", "mlops:experiments"),
    ("read", "mlops:models"),
    ("write", "mlops:models"),
)


def may_track(actor: Actor) -> bool:
    """Tell whether an actor may do all of it, and so have a kernel do it."""
    return all(actor.may(action, resource) for action, resource in GRANTED)
