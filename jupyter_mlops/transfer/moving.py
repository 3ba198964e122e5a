"""A whole transfer, as one command does it: look at both ends, then carry what is not there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import chain, islice

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer.carrying import Carrier, Plan, plan
from jupyter_mlops.transfer.destination import Destination
from jupyter_mlops.transfer.registry import RegistryCarrier
from jupyter_mlops.transfer.report import Report
from jupyter_mlops.transfer.source import Source

# How much is done, of how much, and what it is about.
Tell = Callable[[int, int, str], None]


def move(
    source: Source,
    destination: Destination,
    names: Collection[str],
    report: Report,
    tell: Tell,
    *,
    dry_run: bool = False,
) -> None:
    """Carry the experiments of these names, all for none, and the models that came out of them.

    What is carried is added to ``report`` as it happens, so that it tells the truth when this ends
    early. Raises ClientError when one end is away, or when no experiment has a name that is asked for.
    """
    tell(0, 0, "looking through both ends")
    planned = plan(source, names, report)
    _check_names(planned, names)
    _check_apart(planned, destination)
    destination.look()
    carrier = Carrier(source, destination, planned, report)
    registry = RegistryCarrier(source, destination, carrier, report)
    models = registry.plan(wanted=bool(names))
    total = len(planned.runs) + len(planned.models) + len(models)
    if dry_run:
        carrier.foretell()
        registry.foretell()
        return
    for done, name in enumerate(chain(carrier.carry(), registry.carry()), 1):
        tell(done, total, name)


def _check_apart(planned: Plan, destination: Destination) -> None:
    """Raise ClientError when both ends are one store: everything in it would be doubled."""
    # A run that was carried once may be known by its id where it began.
    native = (head.run_id for head in planned.runs.values() if not head.carried)
    for run_id in islice(native, 1):
        if destination.has_run(run_id):
            raise ClientError("Both ends are the same store.", code="invalid_address")


def _check_names(planned: Plan, names: Collection[str]) -> None:
    found = {each.name for each in planned.experiments.values()}
    missing = sorted(set(names) - found)
    if missing:
        raise ClientError(
            f"There is no experiment of the name {missing[0]} to carry.", code="invalid_name"
        )
