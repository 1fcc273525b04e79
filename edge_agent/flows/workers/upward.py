"""How a worker speaks to the agent: sayings, and what flows ask of the device's connection."""

import itertools
import os
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import BaseModel

from edge_agent.flows.publishing import NotPublished, Qos, Refusal, Settled
from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.channel import encode
from edge_agent.flows.workers.remote_lines import value_of

Take = Callable[[str, bytes], None]
PUBLISH_SECONDS: Final = 10.0
"""So long the answer to a message that is to be published may take."""


ANSWER_SECONDS: Final = 10.0
"""The same of a call to the GPIO lines."""


class _Answer:
    def __init__(self) -> None:
        self.came = threading.Event()
        self.error: str | None = None
        self.refusal: str | None = None
        self.value: Mapping[str, Any] = {}


class Upward:
    """Safe to use from several threads. When the agent is gone, nobody needs this process any more: it ends."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._sending = threading.Lock()
        self._lock = threading.Lock()
        self._numbers: Final = itertools.count(1)
        self._answers: dict[int, _Answer] = {}
        self._takers: dict[int, Take] = {}
        self._settled: dict[str, frozenset[Settled]] = {}
        self._news: dict[str, BaseModel] = {}

    def say(self, saying: BaseModel, body: bytes = b"") -> None:
        """Say something. It waits while the agent has heard too much of this worker already."""
        data = encode(saying.model_dump(mode="json", exclude_defaults=False), body)
        try:
            with self._sending:
                self._channel.sendall(data)
        except OSError:
            os._exit(0)

    def say_news(self, about: str, saying: BaseModel) -> None:
        """Say something unless it was the last that was said of this. For one thread alone."""
        if self._news.get(about) != saying:
            self._news[about] = saying
            self.say(saying)

    def publish(
        self, topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
    ) -> None:
        """Have a message published; returns when it was taken. Raises OSError when it was not.

        See :class:`~edge_agent.flows.publishing.Publish`; all who publish to a topic hear of all messages to it.
        """
        number, answer = next(self._numbers), _Answer()
        self._answers[number] = answer
        if settled is not None:
            with self._lock:
                self._settled[topic] = self._settled.get(topic, frozenset()) | {settled}
        try:
            saying = sayings.Publish(id=number, topic=topic, qos=qos, store=store, settles=settled is not None)
            self.say(saying, data)
            if not answer.came.wait(PUBLISH_SECONDS):
                message = f"not published within {PUBLISH_SECONDS:g} s"
                raise TimeoutError(message)
        finally:
            del self._answers[number]
        if answer.refusal is not None:
            raise NotPublished(Refusal(answer.refusal), answer.error or "")
        if answer.error is not None:
            raise ConnectionError(answer.error)

    def published(self, number: int, error: str | None, refusal: str | None) -> None:
        """Take the answer: what kept a message from being published, or None, and the kind of that."""
        answer = self._answers.get(number)
        if answer is not None:
            answer.error, answer.refusal = error, refusal
            answer.came.set()

    def settled(self, topic: str, error: str | None) -> None:
        """Hand on what became of a message to this topic."""
        for hear in self._settled.get(topic, ()):
            hear(error)

    def ask_lines(self, name: str, **call: str | int | bool | None) -> Any:  # noqa: ANN401  what the call returns
        """Have a call to the GPIO lines done; returns what it returns. Raises GpioError, OSError."""
        number, answer = next(self._numbers), _Answer()
        self._answers[number] = answer
        try:
            self.say(sayings.LinesAsked(id=number, name=name, call=call))
            if not answer.came.wait(ANSWER_SECONDS):
                message = f"the GPIO lines do not answer within {ANSWER_SECONDS:g} s"
                raise TimeoutError(message)
        finally:
            del self._answers[number]
        return value_of(answer.value)

    def answered(self, number: int, value: Mapping[str, Any]) -> None:
        """Take what came of a call to the GPIO lines."""
        answer = self._answers.get(number)
        if answer is not None:
            answer.value = value
            answer.came.set()

    def subscribe(self, topic: str, take: Take) -> Callable[[], None]:
        """Have what comes to a topic handed to ``take``, on the worker's main thread; returns what ends that."""
        number = next(self._numbers)
        with self._lock:
            self._takers[number] = take
        self.say(sayings.Subscribe(id=number, topic=topic))

        def end() -> None:
            with self._lock:
                known = self._takers.pop(number, None)
            if known is not None:
                self.say(sayings.Unsubscribe(id=number))

        return end

    def deliver(self, number: int, topic: str, data: bytes) -> None:
        """Hand over what came by a subscription; one that has ended is no fault."""
        take = self._takers.get(number)
        if take is not None:
            take(topic, data)
