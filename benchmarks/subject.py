"""What is measured, of either runtime."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

FEW: Final = 2
MANY: Final = 52
TRIES: Final = 3
REST_SECONDS: Final = 5.0
"""How long a runtime is left alone with its flows before its memory is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One runtime. Times in seconds, memory in bytes, ``throughput`` in messages a second through five nodes."""

    name: str
    start: float
    """From the start of the process to the first message that a flow has sent out."""
    at_rest: int
    """With two flows that tick each second."""
    per_flow: int
    throughput: float


class Runtime(Protocol):
    """A runtime that can be measured."""

    def start_seconds(self) -> float:
        """Start it with a flow that asks an address; return how long it took until it asked."""

    def resident_bytes(self, flows: int) -> int:
        """Run so many flows that tick each second; return its memory at rest."""

    def throughput(self, messages: int) -> float:
        """Send messages through five nodes; return how many went through in a second."""


def measure(runtimes: Mapping[str, Runtime], *, messages: int) -> list[Figures]:
    """Measure each runtime, by name. Throughput is the best of several tries, in turns: no machine is ever idle."""
    start = {name: runtime.start_seconds() for name, runtime in runtimes.items()}
    few = {name: runtime.resident_bytes(FEW) for name, runtime in runtimes.items()}
    many = {name: runtime.resident_bytes(MANY) for name, runtime in runtimes.items()}
    best = dict.fromkeys(runtimes, 0.0)
    for _ in range(TRIES):
        for name, runtime in runtimes.items():
            best[name] = max(best[name], runtime.throughput(messages))
    return [
        Figures(
            name=name,
            start=start[name],
            at_rest=few[name],
            per_flow=max(0, many[name] - few[name]) // (MANY - FEW),
            throughput=best[name],
        )
        for name in runtimes
    ]
