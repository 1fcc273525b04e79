"""What is known of a flow that runs: how long it must run until what is wrong with it can have shown.

It is found out by ``ways``, where the nodes are; this module loads none of them, for the agent's own process has none.
"""

from dataclasses import dataclass
from typing import Final

MAX_PROOF_SECONDS: Final = 180.0
"""No flow is waited for longer, whatever its nodes need; a deployment can ask for more by its ``health_window``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How long a version must run, in seconds from 0 to ``MAX_PROOF_SECONDS``, until a failure of it must have shown.

    Attributes:
        started: of one that has just been started.
        switched: of one that may have run before as the standby, and is switched to; never less than ``started``.
    """

    started: float = 0.0
    switched: float = 0.0

    def of(self, *, switched: bool) -> float:
        """Return the one or the other."""
        return self.switched if switched else self.started


NO_PROOF: Final = Proof()
