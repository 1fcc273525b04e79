"""Measures both runtimes in one run, prints the figures, and ends with 1 when a limit does not hold."""

import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.agent import Agent
from benchmarks.node_red import NodeRed
from benchmarks.subject import Figures, measure

MESSAGES: Final = 50_000
MAX_AT_REST: Final = 60 * 2**20
_MIB: Final = 2**20
_KIB: Final = 2**10


def main() -> int:
    """Measure and print; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="edgeflow-bench-") as folder:
        ours, theirs = measure_both(Path(folder))
    print(table(ours, theirs))  # noqa: T201  that is what it is for
    faults = broken_limits(ours, theirs)
    for fault in faults:
        print(f"NOT KEPT: {fault}", file=sys.stderr)  # noqa: T201  as above
    return 1 if faults else 0


def measure_both(folder: Path, *, messages: int = MESSAGES) -> tuple[Figures, Figures]:
    """Measure the agent and Node-RED, in turns; what they need is kept in this folder."""
    ours, theirs = measure({"EdgeFlow agent": Agent(folder), "Node-RED": NodeRed(folder)}, messages=messages)
    return ours, theirs


def table(ours: Figures, theirs: Figures) -> str:
    """Return the figures of both, side by side, with their ratio."""
    rows = [
        ("start to first message, s", ours.start, theirs.start, ".2f"),
        ("memory at rest, 2 flows, MiB", ours.at_rest / _MIB, theirs.at_rest / _MIB, ".1f"),
        ("memory of a further flow, KiB", ours.per_flow / _KIB, theirs.per_flow / _KIB, ".0f"),
        ("messages a second, 5 nodes", ours.throughput, theirs.throughput, ",.0f"),
    ]
    lines = [f"{'':32}{ours.name:>16}{theirs.name:>16}{'ratio':>10}"]
    for what, mine, other, form in rows:
        ratio = f"{mine / other:.2f}" if other else "-"
        lines.append(f"{what:32}{mine:>16{form}}{other:>16{form}}{ratio:>10}")
    return "\n".join(lines)


def broken_limits(ours: Figures, theirs: Figures) -> list[str]:
    """Return which promises do not hold."""
    faults = []
    if ours.at_rest >= MAX_AT_REST:
        faults.append(f"at rest the agent has {ours.at_rest / _MIB:.1f} MiB; it should have less than 60")
    if ours.throughput <= theirs.throughput:
        faults.append(f"{ours.throughput:,.0f} messages a second are not more than Node-RED's {theirs.throughput:,.0f}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
