"""Registered models carried: versions by their numbers, each made of what was carried before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from jupyter_mlops.transfer import answers, origins
from jupyter_mlops.transfer.destination import Destination, is_passing
from jupyter_mlops.transfer.leaving_out import left_out
from jupyter_mlops.transfer.link import Refusal
from jupyter_mlops.transfer.records import RegisteredModel, Version
from jupyter_mlops.transfer.report import Report
from jupyter_mlops.transfer.source import NotReadable, Source

PROMPT_TAG = "mlflow.prompt.is_prompt"
NO_STAGE = "None"
# More numbers without a version than this are not made up for: each costs two requests.
GAP_MAX = 1_000
_IDS = re.compile(r"(?:m-)?[0-9a-f]{32}")
_RUN = re.compile(r"runs:/([^/]+)(/.*)?")
_LOGGED_MODEL = re.compile(r"models:/(m-[^/]+)")
_OF_VERSION = re.compile(r"models:/([^/:@]+)/([0-9]+)")
_IN_LOGGED_MODEL = re.compile(r".*/models/(m-[0-9a-f]{32})/artifacts(/.*)?")
_IN_RUN = re.compile(r".*/([0-9a-f]{32})/artifacts(/.*)?")


class Resolver(Protocol):
    """Knows the ids that runs and logged models have at the destination."""

    def holds(self, ident: str) -> bool:
        """Tell whether a run or logged model is among those that are carried."""
        ...

    def run_id(self, run_id: str) -> str | None:
        """Return the id of a run; None when it is not carried."""
        ...

    def model_id(self, model_id: str) -> str | None:
        """Return the id of a logged model; None when it is not carried."""
        ...

    def in_text(self, text: str) -> str:
        """Return a text with new ids for those that are carried."""
        ...


class RegistryCarrier:
    """Carries registered models whose name is free at the destination, or that came from here."""

    def __init__(
        self, source: Source, destination: Destination, resolver: Resolver, report: Report
    ) -> None:
        self._source = source
        self._destination = destination
        self._resolver = resolver
        self._report = report
        self._models: dict[str, RegisteredModel] = {}
        self._versions: dict[str, list[Version]] = {}
        # Of each model the numbers that the destination has, once they are carried.
        self._done: dict[str, dict[int, Version] | None] = {}

    def plan(self, *, wanted: bool) -> list[str]:
        """Return the names of the models to carry; with ``wanted`` those that a carried run made."""
        for model in self._source.registered_models():
            if model.tags.get(PROMPT_TAG, "").lower() == "true":
                self._report.omit(f"prompt {model.name}", "prompts are not carried")
                continue
            versions = self._source.versions(model.name)
            if wanted and not any(map(self._is_wanted, versions)):
                continue
            self._models[model.name], self._versions[model.name] = model, versions
        return list(self._models)

    def foretell(self) -> None:
        """Count in the report what there is to carry; who has a name is found out when it is done."""
        for name, versions in self._versions.items():
            found = self._destination.registered_model(name)
            numbers = {each.number for each in self._destination.reader.versions(name)}
            known, carried = self._report.known, self._report.carried
            (carried if found is None else known)["registered models"] += 1
            for version in versions:
                (known if version.number in numbers else carried)["model versions"] += 1

    def carry(self) -> Iterator[str]:
        """Carry them; yields the name of each when it is done."""
        for name in self._models:
            self._carry(name)
            yield name

    def _is_wanted(self, version: Version) -> bool:
        ids = {version.run_id, version.model_id, *_IDS.findall(version.source)}
        return any(map(self._resolver.holds, ids))

    def _carry(self, name: str) -> dict[int, Version] | None:
        """Carry a model; return what the destination has of it then, None when it is another one."""
        if name in self._done:
            return self._done[name]
        # A version may be a copy of one of another model, which is carried on the way.
        self._done[name] = {}
        model, what = self._models[name], f"registered model {name}"
        origin = origins.of_registered_model(model)
        try:
            found = self._destination.registered_model(name)
        except Refusal as error:
            if is_passing(error):
                raise
            self._report.omit(what, error.message)
            self._done[name] = None
            return None
        if found is not None and origins.of_registered_model(found) != origin:
            self._report.omit(what, "the destination has another model of this name; rename one")
            self._done[name] = None
            return None
        if found is None:
            try:
                self._make(model, origin)
            except Refusal as error:
                if is_passing(error):
                    raise
                self._report.omit(what, error.message)
                self._done[name] = None
                return None
        there = self._there(name)
        self._done[name] = there
        new = [each for each in self._versions[name] if each.number not in there]
        for each in self._versions[name]:
            if each.number in there and _are_apart(each, there[each.number], found):
                self._report.omit(
                    f"version {each.number} of {what}", "the destination gave its number to another"
                )
        unfinished = found is None or origins.UNFINISHED in found.tags
        if new and not unfinished:
            self._tag(name, origins.UNFINISHED, "true")
        self._report.known["model versions"] += len(self._versions[name]) - len(new)
        for version in new:
            self._version(version, there)
        if new or unfinished:
            self._aliases(model, there)
            self._untag(name)
        (self._report.carried if unfinished else self._report.known)["registered models"] += 1
        return there

    def _make(self, model: RegisteredModel, origin: str) -> None:
        marks = {origins.REGISTERED_MODEL: origin, origins.UNFINISHED: "true"}
        tags = origins.without(model.tags) | marks
        body = {
            "name": model.name,
            "description": model.description,
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        self._destination.link.tell("POST", "registered-models/create", body, once=True)

    def _there(self, name: str) -> dict[int, Version]:
        """Return the versions that the destination has, and bring those to an end that it has half."""
        wanted = {each.number: each for each in self._versions[name]}
        there = {}
        for version in self._destination.reader.versions(name):
            if origins.UNFINISHED not in version.tags:
                there[version.number] = version
            elif version.number in wanted and _number_of(version) == version.number:
                self._finish(version, wanted[version.number])
                there[version.number] = version
            else:
                self._drop(version)
        return there

    def _version(self, version: Version, there: dict[int, Version]) -> None:
        what = f"version {version.number} of registered model {version.name}"
        source = self._address(version)
        if source is None:
            self._report.omit(what, f"its files are not carried ({version.source})")
            return
        try:
            made = self._make_version(version, source)
        except Refusal as error:
            if is_passing(error):
                raise
            self._report.omit(what, error.message)
            return
        if made is None:
            self._report.omit(what, "its number is taken at the destination")
            return
        self._finish(made, version)
        there[made.number] = made
        self._report.carried["model versions"] += 1

    def _make_version(self, version: Version, source: str) -> Version | None:
        """Make versions until one has the right number; those before it are taken away again."""
        tags = origins.without(version.tags) | {
            origins.VERSION: str(version.number),
            origins.UNFINISHED: "true",
        }
        body = {
            "name": version.name,
            "source": source,
            "run_id": (self._resolver.run_id(version.run_id) if version.run_id else None) or "",
            "run_link": version.run_link,
            "description": version.description,
            "tags": [
                {"key": key, "value": self._resolver.in_text(value)} for key, value in tags.items()
            ],
        }
        model = _LOGGED_MODEL.fullmatch(source)
        if model is not None:
            body["model_id"] = model[1]
        for _ in range(GAP_MAX):
            said = self._destination.link.tell("POST", "model-versions/create", body, once=True)
            made = answers.version(said["model_version"])
            if made.number == version.number:
                return made
            self._drop(made)
            if made.number > version.number:
                break
        return None

    def _finish(self, made: Version, like: Version) -> None:
        which: dict[str, object] = {"name": made.name, "version": str(made.number)}
        link = self._destination.link
        if like.stage != NO_STAGE:
            body = {**which, "stage": like.stage, "archive_existing_versions": False}
            what = f"stage of version {like.number} of registered model {like.name}"
            with left_out(what, self._report):
                link.tell("POST", "model-versions/transition-stage", body)
        link.tell("DELETE", "model-versions/delete-tag", {**which, "key": origins.UNFINISHED})

    def _drop(self, made: Version) -> None:
        body = {"name": made.name, "version": str(made.number)}
        self._destination.link.tell("DELETE", "model-versions/delete", body, once=True)

    def _aliases(self, model: RegisteredModel, there: dict[int, Version]) -> None:
        for alias, number in model.aliases.items():
            if number not in there:
                self._report.omit(
                    f"alias {alias} of registered model {model.name}",
                    f"version {number} is not carried",
                )
                continue
            body = {"name": model.name, "alias": alias, "version": str(number)}
            with left_out(f"alias {alias} of registered model {model.name}", self._report):
                self._destination.link.tell("POST", "registered-models/alias", body)

    def _tag(self, name: str, key: str, value: str) -> None:
        body = {"name": name, "key": key, "value": value}
        self._destination.link.tell("POST", "registered-models/set-tag", body)

    def _untag(self, name: str) -> None:
        body = {"name": name, "key": origins.UNFINISHED}
        self._destination.link.tell("DELETE", "registered-models/delete-tag", body)

    def _address(self, version: Version) -> str | None:
        """Return where the files of a version are at the destination; None when they are not there."""
        source = version.source.rstrip("/")
        if found := _RUN.fullmatch(source):
            run_id = self._resolver.run_id(found[1])
            return None if run_id is None else f"runs:/{run_id}{found[2] or ''}"
        if found := _LOGGED_MODEL.fullmatch(source) or _IN_LOGGED_MODEL.fullmatch(source):
            model_id = self._resolver.model_id(found[1])
            return None if model_id is None else f"models:/{model_id}"
        if found := _OF_VERSION.fullmatch(source):
            name, number = found[1], int(found[2])
            there = self._carry(name) if name in self._models else None
            return source if there and number in there else None
        if found := _IN_RUN.fullmatch(source):
            return self._in_run(found[1], found[2] or "")
        return None

    def _in_run(self, run_id: str, path: str) -> str | None:
        new = self._resolver.run_id(run_id)
        if new is None:
            return None
        try:
            made = self._destination.reader.run(new)
        except NotReadable:
            return None
        return f"{made.artifact_uri.rstrip('/')}{path}"


def _number_of(version: Version) -> int | None:
    number = version.tags.get(origins.VERSION, "")
    return int(number) if number.isdecimal() else None


def _are_apart(version: Version, found: Version, model: RegisteredModel | None) -> bool:
    """Tell whether two versions of one number began apart: each where it is, or at the destination.

    Where a model began none of its versions is marked; everywhere else those that came are.
    """
    began_there = model is None or origins.REGISTERED_MODEL not in model.tags
    return origins.VERSION not in found.tags and not (
        began_there and origins.VERSION in version.tags
    )
