"""When the flows of before are brought up after a start: at once, unless the agent goes down again and again.

Whatever it is that takes it down, an agent without flows stays up, connects, and takes the job that mends the device.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Final

from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.slots import Slots
from edge_agent.flows.runtime import Runtime
from edgeflow.contract.wording import counted

MAX_STARTS: Final = 3
"""So many starts in a row that did not go well; the next one is without flows."""
WELL_AFTER_SECONDS: Final = 60.0
"""A start went well when the agent is up for so long."""
WITHOUT_FLOWS_SECONDS: Final = 300.0
"""Then flows are tried again, if no job has come before."""
_JOIN_SECONDS: Final = 10.0

_log = logging.getLogger(__name__)


class BringUp:
    """Brings flows up, once. Used from several threads."""

    def __init__(
        self,
        runtime: Runtime,
        crashes: CrashFile,
        flows: Callable[[], Mapping[str, Slots]],
        *,
        well_after: float = WELL_AFTER_SECONDS,
        without_flows: float = WITHOUT_FLOWS_SECONDS,
    ) -> None:
        """Nothing is brought up yet; ``flows`` returns what the device is to run. The times are in seconds."""
        self._runtime = runtime
        self._crashes = crashes
        self._flows = flows
        self._well_after = well_after
        self._without_flows = without_flows
        self._lock = threading.Lock()
        self._is_up = False
        self._held_back = False
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._wait, name="bring-up", daemon=True)

    def begin(self) -> None:
        """Note that the agent starts. When it is once too often, hold the flows back."""
        starts = self._crashes.agent_starts()
        if starts <= MAX_STARTS:
            return
        self._held_back = True
        minutes = self._without_flows / 60
        times = counted(starts - 1, "time")
        why = (
            f"The agent went down {times} in a row right after its start, so it has started without flows. "
            f"They are tried again after a job, or after {minutes:g} min."
        )
        _log.error(why)
        self._runtime.hold_back(self._flows(), why)

    def go_on(self) -> None:
        """Bring the flows up, unless they are held back."""
        if not self._held_back:
            self.now()
        self._thread.start()

    def now(self) -> None:
        """Bring the flows up, unless they are, as after a job that may have mended the device."""
        with self._lock:
            if self._is_up or self._stopping.is_set():
                return
            self._is_up = True
            self._runtime.bring_up(self._flows())
        self._wake.set()

    def stop(self) -> None:
        """Note that the agent has ended in good order."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_SECONDS)
        self._crashes.agent_is_well()

    def _wait(self) -> None:
        if self._held_back:
            self._wake.wait(self._without_flows)
            self.now()
        if not self._stopping.wait(self._well_after):
            self._crashes.agent_is_well()
