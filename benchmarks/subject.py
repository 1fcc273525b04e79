"""What is measured, of either runtime."""

import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Final, Protocol

from benchmarks.memory import Memory, Method, observe

FEW: Final = 2
MANY: Final = 12
TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One runtime. Times in seconds, memory in bytes, ``throughput`` in messages a second through five nodes."""

    name: str
    start: float
    """From the start of the process to the first message that a flow has sent out."""
    at_rest: Memory
    """With two flows that tick each second."""
    per_flow: float
    """What a further such flow takes, by the medians of ``alone`` with two and with twelve."""
    throughput: float


class Runtime(Protocol):
    """A runtime that can be measured."""

    def start_seconds(self) -> float:
        """Start it with a flow that asks an address; return how long it took until it asked."""

    def at_rest(self, flows: int) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run it, connected where it connects, with so many flows that tick each second, until the context is left."""

    def throughput(self, messages: int) -> float:
        """Send messages through five nodes; return how many went through in a second."""


def measure(runtimes: Mapping[str, Runtime], *, messages: int, method: Method) -> list[Figures]:
    """Measure each runtime, by name. Throughput is the best of several tries, in turns: no machine is ever idle.

    Memory is that of all runtimes at the same time, first with few flows, then with many.
    """
    start = {name: runtime.start_seconds() for name, runtime in runtimes.items()}
    few, many = (_memory(runtimes, flows, method) for flows in (FEW, MANY))
    best = dict.fromkeys(runtimes, 0.0)
    for _ in range(TRIES):
        for name, runtime in runtimes.items():
            best[name] = max(best[name], runtime.throughput(messages))
    return [
        Figures(
            name=name,
            start=start[name],
            at_rest=few[name],
            per_flow=(many[name].alone.median - few[name].alone.median) / (MANY - FEW),
            throughput=best[name],
        )
        for name in runtimes
    ]


def _memory(runtimes: Mapping[str, Runtime], flows: int, method: Method) -> dict[str, Memory]:
    with ExitStack() as running, ThreadPoolExecutor(len(runtimes)) as observers:
        looks = {
            name: observers.submit(observe, running.enter_context(runtime.at_rest(flows)).pid, method)
            for name, runtime in runtimes.items()
        }
        return {name: look.result() for name, look in looks.items()}
