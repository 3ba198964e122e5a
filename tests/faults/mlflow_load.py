"""Clients of MLflow that tell one story after the other to a server, whatever becomes of it."""

from __future__ import annotations

import http.client
from contextlib import suppress
from dataclasses import dataclass, field

from tests.faults.mlflow_story import Ask, Story
from tests.faults.mlflow_story_check import check
from tests.identities import OWNER
from tests.mlflow_door import ADDRESS


def ask_over_http(port: int) -> Ask:
    """Return how to ask a server at this port; an answer that is not whole is none."""

    def ask(method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {OWNER}"}
        try:
            connection.request(method, ADDRESS + path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        except http.client.HTTPException as error:
            raise ConnectionResetError(str(error)) from error
        finally:
            connection.close()
        if answer.headers.get("Content-Length") != str(len(data)):
            # Cut within its headers, which http.client takes for all of them.
            raise ConnectionResetError("The answer was cut.")
        return answer.status, data

    return ask


@dataclass
class MlflowClient:
    """One client; ``stories`` are all that it told, the last one of them maybe not to its end."""

    name: str
    stories: list[Story] = field(default_factory=list)
    _checked: int = 0

    def go_on(self, ask: Ask) -> None:
        """Send one request; OSError when no answer comes, and then it is the next one again."""
        if not self.stories or self.stories[-1].ended:
            self.stories.append(Story(f"{self.name} {len(self.stories)}"))
        self.stories[-1].go_on(ask)

    def check_new(self, ask: Ask, *, undone: bool = False) -> None:
        """Assert that all is there of the stories that were not over when this was asked last.

        ``undone`` tells that the request under way was refused.
        """
        for story in self.stories[self._checked :]:
            check(story, ask, undone=undone)
        self._checked = sum(story.ended for story in self.stories)

    def check_all(self, ask: Ask, *, undone: bool = False) -> None:
        """Assert that all is there."""
        self._checked = 0
        self.check_new(ask, undone=undone)

    def tell_on(self, ask: Ask) -> None:
        """Tell the last story to its end; each request is sent until it is answered."""
        while self.stories and not self.stories[-1].ended:
            with suppress(OSError):
                self.go_on(ask)

    @property
    def acknowledged(self) -> int:
        """How many requests were answered."""
        return sum(story.acknowledged for story in self.stories)

    @property
    def told(self) -> int:
        """How many stories were told to their ends."""
        return sum(story.ended for story in self.stories)
