"""The agent's limits beside a real Node-RED: what docs/benchmarks.md promises."""

from pathlib import Path

import pytest

from benchmarks.__main__ import broken_limits, measure_both, table
from benchmarks.memory import Method


@pytest.mark.timeout(300)
def test_the_agent_keeps_its_limits_beside_node_red(tmp_path: Path) -> None:
    ours, theirs = measure_both(tmp_path, messages=20_000, method=Method(warm_up=10, window=5, every=0.5))
    assert broken_limits(ours, theirs) == [], table(ours, theirs)
