"""When a Node-RED that could not be asked is taken to have been started anew."""

import pytest

from edge_agent.flows.node_red.absence import LOOKS_OFTEN_FOR_SECONDS, LOOKS_WHILE_DOWN_EVERY_SECONDS, Absence
from edge_agent.flows.node_red.client import NodeRedFault, NodeRedSilent, NodeRedUnreachable
from edge_agent.flows.node_red.monitor import TabState

DOWN = NodeRedUnreachable("connection refused")
SILENT = NodeRedSilent("no answer")


def shows(run: str | None) -> TabState | None:
    """Return what a tab shows that was started so."""
    return None if run is None else TabState(run, 0, (), (), {})


@pytest.mark.parametrize(
    ("faults", "run", "how"),
    [
        pytest.param([], "second", None, id="it_was_never_away"),
        pytest.param([DOWN], "second", "ended", id="it_was_down_and_the_tab_has_been_started_anew"),
        pytest.param([DOWN], None, "ended", id="it_was_down_and_the_tab_has_not_started_yet"),
        pytest.param([DOWN], "first", None, id="it_took_no_connection_for_a_moment"),
        pytest.param([SILENT], "second", None, id="it_was_slow_with_a_deployment"),
        pytest.param([SILENT, DOWN], "second", "answered nothing and was started anew", id="it_hung_and_was_restarted"),
        pytest.param([NodeRedFault("refuses")], "second", None, id="it_refused_something"),
    ],
)
def test_a_start_shows_in_the_mark_of_a_tab(faults: list[NodeRedFault], run: str | None, how: str | None) -> None:
    absence = Absence()
    absence.saw({"tab": "first"})
    for fault in faults:
        absence.begun(fault, 0.0)
    assert absence.ended(lambda _: shows(run)) == how
    assert absence.ended(lambda _: shows(run)) is None, "once is enough"


def test_where_no_mark_is_known_that_it_took_no_connection_has_to_do() -> None:
    absence = Absence()
    absence.begun(DOWN, 0.0)
    assert absence.ended(lambda _: shows("second")) == "ended"


def test_an_answer_that_does_not_come_is_asked_for_again() -> None:
    def refuses(_: str) -> TabState | None:
        raise DOWN

    absence = Absence()
    absence.saw({"tab": "first"})
    absence.begun(DOWN, 0.0)
    with pytest.raises(NodeRedUnreachable):
        absence.ended(refuses)
    assert absence.ended(lambda _: shows("second")) == "ended"


def test_one_that_is_down_is_looked_at_more_often_for_a_while() -> None:
    absence = Absence()
    assert absence.patience(1.0, 10.0) == 1.0
    absence.begun(DOWN, 10.0)
    absence.begun(DOWN, 100.0)
    assert absence.patience(1.0, 10.0 + LOOKS_OFTEN_FOR_SECONDS) == LOOKS_WHILE_DOWN_EVERY_SECONDS
    assert absence.patience(1.0, 11.0 + LOOKS_OFTEN_FOR_SECONDS) == 1.0


def test_a_look_that_comes_first_hides_no_start() -> None:
    absence = Absence()
    absence.saw({"tab": "first"})
    absence.begun(DOWN, 0.0)
    absence.saw({"tab": "second"})
    assert absence.lasts
    assert absence.ended(lambda _: shows("second")) == "ended"
    assert not absence.lasts
