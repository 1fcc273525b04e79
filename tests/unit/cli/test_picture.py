"""The live picture: what it shows of a rollout, and that it fits whatever the rollout's size."""

from io import StringIO

from rich.console import Console

from edgeflow.cli.picture import line, picture
from edgeflow.contract.rest.deployments import DeploymentView
from tests.support.deployment_views import target, view


def _drawn(shown: DeploymentView) -> str:
    console = Console(file=StringIO(), width=160)
    with console.capture() as captured:
        console.print(picture(shown))
    return captured.get()


def test_waves_and_their_devices_are_shown() -> None:
    targets = [target(1, "success", 1), target(2, "failed", 1), *(target(n, "pending", 2) for n in range(3, 21))]
    drawn = _drawn(view(targets))
    assert "flow_1 · version 3 · rolling · dep_1" in drawn
    assert "2/20" in drawn
    assert "████░" in drawn
    assert "wave 1 dev_001 dev_002" in drawn
    assert "1 failed, 1 success" in drawn
    assert "and 6 more" in drawn
    assert "18 pending" in drawn


def test_what_is_not_known_yet_is_not_made_up() -> None:
    shown = view([target(1, "pending", None)], total_targets=None, target_counts={}, waves=0, current_wave=0)
    drawn = _drawn(shown)
    assert "0/?" in drawn
    assert "not planned yet" in drawn
    assert line(shown) == "running       started"


def test_a_page_is_not_taken_for_all() -> None:
    assert "the first 1 of 20 targets are shown" in _drawn(view([target(1, "success", 1)], targets_cursor="next"))


def test_a_line_says_what_is_waited_for() -> None:
    waits = {"what": "reports", "wave": 1, "devices": None, "until": None, "then": "", "overdue": False}
    shown = view([], waits_for=waits | {"sentence": "2 of 3 devices\x1b[2J"})
    assert line(shown) == "running       wave 1 of 2  1 failed, 18 open, 1 success  waits for 2 of 3 devices�[2J"
    assert "waits for 2 of 3 devices" in _drawn(shown)
