"""Restarts a Node-RED that answers nothing any more or stays down, by the command that the device's settings name.

One node that never gives the processor back stops Node-RED with every flow in it, and its admin API with them, so that
no other version can be deployed either. The command starts it in safe mode, in which it runs no flow until the next
deployment; that one comes from here, and has whatever is wanted by then.
"""

import logging
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from edge_agent.flows.node_red.client import Edit, Item, NodeRed, NodeRedFault, NodeRedSilent, NodeRedUnreachable

COMMAND_SECONDS: Final = 60.0
"""So long a command may take; what systemd stops has ended by then, when its ``TimeoutStopSec`` is short."""

DOWN_SECONDS: Final = 120.0
"""So long whoever runs Node-RED may take to start it again; one that stays down ends while it starts its flows."""

logger = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class RestartCommand:
    """A program with its arguments, run without a shell; what it writes goes nowhere."""

    command: Sequence[str]
    within: float = COMMAND_SECONDS
    """Seconds after which it is ended."""

    def __call__(self) -> bool:
        """Run it to its end; tells whether it ended well, and logs why where it did not."""
        try:
            done = subprocess.run(  # noqa: S603  the device's settings name it
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self.within,
                check=False,
            )
        except subprocess.TimeoutExpired:
            logger.error("node_red.restart_command did not end within %g s", self.within)  # noqa: TRY400  one sentence says it
            return False
        except OSError as error:
            logger.error("node_red.restart_command cannot be run: %s", error)  # noqa: TRY400  as above
            return False
        if done.returncode:
            logger.error("node_red.restart_command ended with exit code %d", done.returncode)
        return not done.returncode


class RestartedNodeRed:
    """A :class:`NodeRed` that is restarted when it lets requests go unanswered, or is down, for long.

    Used from several threads. A restart goes on beside the requests, which fail meanwhile.
    """

    def __init__(
        self,
        node_red: NodeRed,
        restart: Callable[[], bool],
        *,
        after: float,
        after_down: float = DOWN_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Restart it after so many seconds without an answer, or without taking a connection.

        ``restart`` tells whether that went well.
        """
        self._node_red = node_red
        self._restart = restart
        self._after = after
        self._after_down = after_down
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._silent_since: float | None = None
        self._down_since: float | None = None
        self._restarting = False
        self._restarts = 0
        self._started = 0
        """The restart after which flows were deployed last: after a later one none runs yet."""

    def flows(self) -> list[Item]:
        """See :class:`NodeRed`."""
        return self._asked(self._node_red.flows)

    def change(self, edit: Edit) -> bool:
        """See :class:`NodeRed`; after a restart the flows are deployed also when there is nothing to change.

        In safe mode any deployment starts all flows, also those of others. The service that the command starts may
        start itself again in safe mode when it ends.
        """
        with self._lock:
            restarts, owed = self._restarts, self._restarts != self._started

        def edit_or_start(items: list[Item]) -> list[Item] | None:
            edited = edit(items)
            return items if edited is None and (owed or self._node_red.is_in_safe_mode()) else edited

        changed = self._asked(lambda: self._node_red.change(edit_or_start))
        with self._lock:
            self._started = restarts
        return changed

    def node_types(self) -> frozenset[str]:
        """See :class:`NodeRed`."""
        return self._asked(self._node_red.node_types)

    def flow_context(self, tab_id: str, key: str) -> Any:  # noqa: ANN401  any JSON value
        """See :class:`NodeRed`."""
        return self._asked(lambda: self._node_red.flow_context(tab_id, key))

    def is_in_safe_mode(self) -> bool:
        """See :class:`NodeRed`."""
        return self._asked(self._node_red.is_in_safe_mode)

    def restart_in_safe_mode(self) -> bool:
        """See :class:`NodeRed`."""
        self._begin_to_restart("it is to start without flows")
        return True

    def _asked(self, ask: Callable[[], _Answer]) -> _Answer:
        if self._restarting:  # an answer of the one that is about to end would say nothing of the next one
            message = "Node-RED is being restarted by node_red.restart_command"
            raise NodeRedUnreachable(message)
        begun = self._monotonic()
        try:
            answer = ask()
        except NodeRedSilent:
            self._got_no_answer(begun)
            raise
        except NodeRedUnreachable:
            self._was_not_reached(begun)
            raise
        except NodeRedFault:  # it answers
            self._silent_since = self._down_since = None
            raise
        self._silent_since = self._down_since = None
        return answer

    def _got_no_answer(self, begun: float) -> None:
        with self._lock:
            self._down_since = None
            if self._silent_since is None:
                self._silent_since = begun
            silent = self._monotonic() - self._silent_since
        if silent >= self._after:
            self._begin_to_restart(f"it has answered nothing for {silent:.0f} s")

    def _was_not_reached(self, begun: float) -> None:
        with self._lock:
            self._silent_since = None
            if self._down_since is None:
                self._down_since = begun
            down = self._monotonic() - self._down_since
        if down >= self._after_down:
            self._begin_to_restart(f"it has taken no connection for {down:.0f} s")

    def _begin_to_restart(self, why: str) -> None:
        with self._lock:
            if self._restarting:
                return
            self._restarting = True
        logger.warning("Node-RED is restarted by node_red.restart_command, for %s", why)
        threading.Thread(target=self._restart_now, name="node-red-restart", daemon=True).start()

    def _restart_now(self) -> None:
        done = False
        try:
            done = self._restart()
        finally:
            with self._lock:
                self._restarting = False
                self._silent_since = self._down_since = None
                self._restarts += done
