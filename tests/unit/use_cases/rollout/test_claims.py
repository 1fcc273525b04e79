"""How claims that others hold are told."""

from edgeflow.use_cases.rollout.claims import describe_conflicts


def test_some_holders_and_some_of_their_devices_are_named_and_the_rest_counted() -> None:
    conflicts = {f"dev_{holder:03}_{device:03}": f"dep_{holder:03}" for holder in range(500) for device in range(20)}
    told = describe_conflicts(conflicts)
    assert "dep_000 is deploying this flow to dev_000_000" in told
    assert "and 10 more;" in told
    assert told.endswith("; 490 more deployments hold others; wait for it to end, cancel it, or roll it back")
    assert len(told) < 3_000


def test_one_holder_is_named_alone() -> None:
    told = describe_conflicts({"dev_1": "dep_1"})
    assert told == "dep_1 is deploying this flow to dev_1; wait for it to end, cancel it, or roll it back"
