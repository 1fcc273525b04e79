"""The proof that `make smoke` runs on AWS, against the local cloud: so it does not rot."""

from pathlib import Path

from localcloud.stack import Stack
from smoke.report import FILE, passed, write
from smoke.run import prove
from smoke.runner import Runner


def test_every_step_passes(stack: Stack, tmp_path: Path) -> None:
    said: list[str] = []
    runner = Runner(said.append)
    prove(runner, stack, tmp_path, patience=60)
    write(tmp_path / FILE, runner.results, stack=stack.name, region=stack.region, started_at="now")
    assert passed(runner.results), "\n".join(said)
    assert len(said) == len(runner.results) == 18
