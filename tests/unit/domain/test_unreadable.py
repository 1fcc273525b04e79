"""What is said of a record that cannot be read."""

import pytest

from edgeflow.domain.unreadable import Kind, Unreadable


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_says_what_is_damaged_why_and_what_to_do(kind: Kind) -> None:
    told = str(Unreadable(kind=kind, id="the_id", of="the_owner", fault="no status"))
    what, separator, remedy = told.partition(" cannot be read (no status); ")
    assert separator
    assert what
    assert remedy
    assert "{" not in told
    assert kind in {Kind.KEPT_ANSWER, Kind.FLEET_COUNT} or "the_id" in what


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        (Kind.FLOW, "DELETE /v1/flows/x removes it"),
        (Kind.VERSION, "DELETE /v1/flows/owner removes the flow with all of them"),
        (Kind.DEPLOYMENT, "DELETE /v1/deployments/x removes it"),
        (Kind.TARGET, "roll deployment owner back, or let it end"),
        (Kind.DEVICE, "DELETE /v1/devices/x locks the device out and removes it"),
        (Kind.INSTALL, "DELETE /v1/devices/owner removes it with the device"),
    ],
)
def test_the_way_out_names_the_thing_that_is_to_be_removed(kind: Kind, remedy: str) -> None:
    assert remedy in str(Unreadable(kind=kind, id="x", of="owner", fault="no status"))
