"""Which of a flow's two slots may speak: one at most, and the other one's outputs go nowhere."""

from edge_agent.flows.publishing import Publish, Qos, Settled
from edgeflow.contract.report import Slot


class Outputs:
    """The outputs of one flow. Switched from one thread, asked from several."""

    def __init__(self) -> None:
        """Begin with both slots muted."""
        self._live: Slot | None = None

    def switch_to(self, live: Slot | None) -> None:
        """Let this slot speak and no other, from one moment to the next."""
        self._live = live

    def is_muted(self, slot: Slot) -> bool:
        """Tell whether what this slot says goes nowhere."""
        return self._live is not slot

    def gate(self, slot: Slot, publish: Publish) -> Publish:
        """Return a publish that drops what is said while the slot is muted; it is no fault, and nothing is kept."""

        def publish_unless_muted(
            topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
        ) -> None:
            if not self.is_muted(slot):
                publish(topic, data, qos=qos, store=store, settled=settled)

        return publish_unless_muted
