"""The health checks of a flow at work.

Each is a node of its own that nothing is connected to: so a check that raises, blocks or takes too long is contained
like any other node, and one that fails makes the flow unhealthy under its own id.
"""

import asyncio
import functools
import urllib.request
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, assert_never

from edge_agent.flows.builtin.deadline import Deadline
from edge_agent.flows.builtin.host import Build
from edge_agent.flows.builtin.http_opener import HttpOpener, NoAnswer
from edge_agent.flows.builtin.nodes.base import (
    GIVE_UP_SECONDS,
    AsyncNode,
    Emit,
    Node,
    NodeEnvironment,
    NodeError,
    Outcome,
    Schedule,
)
from edge_agent.flows.builtin.programs import run_program
from edge_agent.flows.builtin.threads import in_thread
from edge_agent.flows.language.messages import Message
from edge_agent.flows.language.references import CannotFillIn, Values, fill_in
from edge_agent.flows.ports import Sent
from edgeflow.contract.health_checks import (
    CommandCheck,
    EmittedCheck,
    HealthCheckDefinition,
    HttpCheck,
    health_check_id,
    seconds,
)
from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.references import TextKind

_OK: Final = range(200, 400)
_MAX_LINE: Final = 200

Passed = Callable[[str], None]
"""Takes the id of a check that has passed."""


def health_check_nodes(
    checks: Iterable[HealthCheckDefinition], counts: Mapping[str, Sent], *, passed: Passed
) -> dict[str, Build]:
    """Return what makes each check's node, by the id it is reported under.

    ``counts`` are those of the nodes that can be watched, by their ids; ``passed`` is told of every pass.
    """
    return {
        health_check_id(check.name): functools.partial(_node, check, counts=counts, passed=passed) for check in checks
    }


class NoSettings(NodeSettings):
    """A check's settings are its definition, which the contract has read."""


def _node(
    check: HealthCheckDefinition, environment: NodeEnvironment, *, counts: Mapping[str, Sent], passed: Passed
) -> Node[Any]:
    match check:
        case EmittedCheck():
            watched = counts.get(check.node)
            if watched is None:
                message = f"There is no node {check.node!r} to watch."
                raise NodeError(message)
            return EmittedCheckNode(environment, check, watched, passed)
        case HttpCheck():
            return HttpCheckNode(environment, check, passed, url=_url(check, environment))
        case CommandCheck():
            return CommandCheckNode(environment, check, passed)
        case _:
            assert_never(check)


def _url(check: HttpCheck, environment: NodeEnvironment) -> str:
    values = Values(variables=environment.variables, secrets=environment.context.secrets)
    try:
        return fill_in(TextKind.URL, check.url, values)
    except CannotFillIn as fault:
        message = f"url: {fault}"
        raise NodeError(message) from None


class EmittedCheckNode(Node[NoSettings]):
    """Looks whether a node has sent something since the time before."""

    settings_type: ClassVar[type[NodeSettings]] = NoSettings

    def __init__(self, environment: NodeEnvironment, check: EmittedCheck, watched: Sent, passed: Passed) -> None:
        super().__init__(NoSettings(), environment)
        self._check = check
        self._watched = watched
        self._passed = passed
        self._sent = 0
        self._since = environment.now()

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  a check sends nothing
        """Begin to look, several times within the time that is allowed."""
        self._since = self.environment.now()
        schedule.every(min(1.0, seconds(self._check.within) / 4), self._look)

    def _look(self) -> None:
        now = self.environment.now()
        if self._watched.sent > self._sent:
            self._sent, self._since = self._watched.sent, now
            self._passed(self.environment.node_id)
        elif now - self._since > seconds(self._check.within):
            message = f"Node {self._check.node} sent nothing for {self._check.within}."
            raise NodeError(message)


class _RepeatedCheckNode(AsyncNode[NoSettings]):
    settings_type: ClassVar[type[NodeSettings]] = NoSettings

    def __init__(self, environment: NodeEnvironment, check: HttpCheck | CommandCheck, passed: Passed) -> None:
        super().__init__(NoSettings(), environment)
        self._interval = seconds(check.interval)
        self._timeout = seconds(check.timeout)
        self._grace = check.grace_seconds
        self._passed = passed
        self._has_passed = False
        self._last_fault = f"The check has not passed within its grace of {self._grace:g} s, and is still at work."
        self._turn: Message | None = None
        """What it is at."""
        self._turn_began = environment.now()
        self._started = environment.now()

    @property
    def timeout_seconds(self) -> float:
        """See the base; the check's own time-out comes before, with a sentence of its own."""
        return self._timeout + GIVE_UP_SECONDS

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  a check sends nothing
        """Begin to check, at once and then at the interval."""
        self._started = self.environment.now()
        schedule.every(self._interval, lambda: self._take_turn(schedule))
        schedule.after(self._grace, self._end_grace)

    def _take_turn(self, schedule: Schedule) -> None:
        """Check once more. One that is at it misses turns, but no more than its time-out allows: it may be lost."""
        now = self.environment.now()
        if self._turn is None or now - self._turn_began >= self.timeout_seconds:
            self._turn, self._turn_began = Message(payload=None, source=self.environment.node_id), now
            schedule.handle(self._turn)

    def _end_grace(self) -> None:
        """Count from now on: without a pass this is a failure, also while the check is at work."""
        if not self._has_passed:
            raise NodeError(self._last_fault)

    async def handle(self, message: Message) -> Outcome:
        """Check once. Until it has passed for the first time, failing within the grace is no fault."""
        try:
            return await self._check_in_time()
        finally:
            if self._turn is message:  # else it was lost, and another one has begun
                self._turn = None

    async def _check_in_time(self) -> Outcome:
        try:
            async with asyncio.timeout(self._timeout):
                await self.check()
        except (TimeoutError, NodeError) as fault:
            self._last_fault = (
                str(fault) if isinstance(fault, NodeError) else f"The check took longer than {self._timeout:g} s."
            )
            if not self._has_passed and self.environment.now() - self._started < self._grace:
                return Outcome.NOT_YET
            raise NodeError(self._last_fault) from None
        self._has_passed = True
        self._passed(self.environment.node_id)
        return Outcome.DONE

    @abstractmethod
    async def check(self) -> None:
        """Check once. Raises NodeError: it fails."""


class HttpCheckNode(_RepeatedCheckNode):
    """Asks an address on or near the device."""

    def __init__(self, environment: NodeEnvironment, check: HttpCheck, passed: Passed, *, url: str) -> None:
        super().__init__(environment, check, passed)
        self._url = url
        self._opener = HttpOpener(allow_loopback=True)  # it is the device itself that a check looks at
        self._status = check.status

    async def check(self) -> None:
        """Make one request. Raises NodeError: another status, or no answer."""
        deadline = Deadline(self._timeout)
        try:
            request = urllib.request.Request(self._url)  # noqa: S310  the contract lets HTTP(S) through
            status, _ = await in_thread(functools.partial(self._opener.ask, request, deadline, read=0))
        except (NoAnswer, ValueError) as error:
            message = f"{self._url} does not answer: {error}"
            raise NodeError(message) from error
        if status != self._status and (self._status is not None or status not in _OK):
            wanted = "200 to 399" if self._status is None else str(self._status)
            message = f"{self._url} answers with HTTP {status}, not {wanted}."
            raise NodeError(message)


class CommandCheckNode(_RepeatedCheckNode):
    """Runs a program, without a shell."""

    def __init__(self, environment: NodeEnvironment, check: CommandCheck, passed: Passed) -> None:
        super().__init__(environment, check, passed)
        self._command = check.command

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Begin to check. Raises NodeError: this device does not let flows run that program."""
        program = self._command[0]
        if program not in self.environment.context.programs:
            message = (
                f"This device does not let flows run {program}; "
                f"name it in health_check_programs of the agent's settings, by its absolute path."
            )
            raise NodeError(message)
        super().start(emit, schedule)

    async def check(self) -> None:
        """Run it once. Raises NodeError: it cannot be run, or does not end with 0."""
        try:
            code, said = await run_program(self._command, Deadline(self._timeout))
        except TimeoutError:
            raise
        except OSError as error:
            message = f"{self._command[0]} cannot be run: {error.strerror}"
            raise NodeError(message) from error
        if code != 0:
            line = said.decode(errors="replace").strip().rpartition("\n")[2][:_MAX_LINE]
            message = f"{self._command[0]} ended with {code}" + (f": {line}" if line else ".")
            raise NodeError(message)
