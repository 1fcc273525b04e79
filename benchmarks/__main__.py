"""Measures both runtimes in one run, prints the figures, and ends with 1 when a limit does not hold."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.agent import Agent
from benchmarks.memory import Method
from benchmarks.node_red import NodeRed
from benchmarks.subject import Figures, measure

MESSAGES: Final = 50_000
GOAL_AT_REST: Final = 55 * 2**20
"""PSS of the whole agent, connected, with two flows: what it is to be."""
MAX_AT_REST: Final = 75 * 2**20
"""The same as it would be without any other program: what it must not pass."""
MAX_PER_FLOW: Final = 8 * 2**20
_MIB: Final = 2**20


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--warm-up", type=float, default=Method().warm_up, help="seconds before memory is looked at")
    parser.add_argument("--window", type=float, default=Method().window, help="seconds for which it is looked at")
    asked = parser.parse_args()
    method = Method(warm_up=asked.warm_up, window=asked.window, every=min(Method().every, asked.window / 10))
    with tempfile.TemporaryDirectory(prefix="edgeflow-bench-") as folder:
        ours, theirs = measure_both(Path(folder), method=method)
    print(table(ours, theirs))  # noqa: T201  that is what it is for
    print(goal(ours))  # noqa: T201  as above
    faults = broken_limits(ours, theirs)
    for fault in faults:
        print(f"NOT KEPT: {fault}", file=sys.stderr)  # noqa: T201  as above
    return 1 if faults else 0


def measure_both(folder: Path, *, messages: int = MESSAGES, method: Method) -> tuple[Figures, Figures]:
    """Measure the agent and Node-RED, in turns; what they need is kept in this folder."""
    ours, theirs = measure(
        {"EdgeFlow agent": Agent(folder), "Node-RED": NodeRed(folder)}, messages=messages, method=method
    )
    return ours, theirs


def table(ours: Figures, theirs: Figures) -> str:
    """Return the figures of both, side by side, with their ratio."""
    rest, their_rest = ours.at_rest, theirs.at_rest
    rows = [
        ("start to first message, s", ours.start, theirs.start, ".2f"),
        ("PSS at rest, 2 flows, MiB: median", rest.pss.median / _MIB, their_rest.pss.median / _MIB, ".1f"),
        ("                           p95", rest.pss.p95 / _MIB, their_rest.pss.p95 / _MIB, ".1f"),
        ("                           most", rest.pss.most / _MIB, their_rest.pss.most / _MIB, ".1f"),
        ("… without other programs: median", rest.alone.median / _MIB, their_rest.alone.median / _MIB, ".1f"),
        ("                           most", rest.alone.most / _MIB, their_rest.alone.most / _MIB, ".1f"),
        ("RSS at rest, 2 flows, MiB: median", rest.rss.median / _MIB, their_rest.rss.median / _MIB, ".1f"),
        ("                           p95", rest.rss.p95 / _MIB, their_rest.rss.p95 / _MIB, ".1f"),
        ("                           most", rest.rss.most / _MIB, their_rest.rss.most / _MIB, ".1f"),
        ("PSS of a further flow, MiB", ours.per_flow / _MIB, theirs.per_flow / _MIB, ".2f"),
        ("processes, 2 flows", rest.processes, their_rest.processes, "d"),
        ("messages a second, 5 nodes", ours.throughput, theirs.throughput, ",.0f"),
    ]
    lines = [f"{'':36}{ours.name:>16}{theirs.name:>16}{'ratio':>10}"]
    for what, mine, other, form in rows:
        ratio = f"{mine / other:.2f}" if other else "-"
        lines.append(f"{what:36}{mine:>16{form}}{other:>16{form}}{ratio:>10}")
    return "\n".join(lines)


def goal(ours: Figures) -> str:
    """Return whether memory is what it is to become, as a sentence."""
    over = (ours.at_rest.pss.p95 - GOAL_AT_REST) / _MIB
    reached = "reached" if over <= 0 else f"missed by {over:.1f} MiB"
    return f"The goal of at most {GOAL_AT_REST // _MIB} MiB PSS at rest (p95) is {reached}."


def broken_limits(ours: Figures, theirs: Figures) -> list[str]:
    """Return which promises do not hold."""
    faults = []
    if ours.at_rest.alone.p95 > MAX_AT_REST:
        faults.append(
            f"at rest the agent takes {ours.at_rest.alone.p95 / _MIB:.1f} MiB; it may take {MAX_AT_REST // _MIB}"
        )
    if ours.per_flow > MAX_PER_FLOW:
        faults.append(f"a further flow takes {ours.per_flow / _MIB:.1f} MiB; it may take {MAX_PER_FLOW // _MIB}")
    if ours.throughput <= theirs.throughput:
        faults.append(f"{ours.throughput:,.0f} messages a second are not more than Node-RED's {theirs.throughput:,.0f}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
