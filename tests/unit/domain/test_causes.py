"""What a deployment failed of, in a sentence."""

import pytest

from edgeflow.domain.causes import MAX_MESSAGE, first_cause, what_broke
from edgeflow.domain.deployments import Target, TargetStatus


def target(device_id: str, status: TargetStatus, reason: str | None, *, wave: int = 1, message: str = "why") -> Target:
    """Return a target that has ended."""
    return Target(device_id=device_id, wave=wave, status=status, reason=reason, message=message)


def test_the_first_one_that_failed_by_itself_is_told_and_how_many_more() -> None:
    targets = [
        target("dev_1", TargetStatus.SKIPPED, "cancelled"),
        target("dev_2", TargetStatus.FAILED, "aborted"),
        target("dev_3", TargetStatus.ROLLED_BACK, "silent", wave=2),
        target("dev_4", TargetStatus.FAILED, "unhealthy"),
        target("dev_5", TargetStatus.ROLLED_BACK, None),
        target("dev_6", TargetStatus.SUCCESS, "moved_on"),
    ]
    assert first_cause(targets) == "; dev_4 failed as unhealthy: why (1 more failed)"


def test_where_nobody_failed_by_itself_nothing_is_told() -> None:
    assert first_cause([target("dev_1", TargetStatus.ROLLED_BACK, None)]) == ""


def test_a_long_message_is_cut() -> None:
    told = first_cause([target("dev_1", TargetStatus.FAILED, "unhealthy", message="x" * 1_024)])
    assert told == "; dev_1 failed as unhealthy: " + "x" * MAX_MESSAGE


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("States.Timeout: the wave's message was not answered", "States.Timeout: the wave's message was not answered"),
        ('NotFound: {"errorMessage": "there is no list", "stackTrace": ["a", "b"]}', "NotFound: there is no list"),
        (
            r'States.TaskFailed: {"Status": "FAILED", "Error": "NotFound", "Cause": "{\"errorMessage\": \"no list\"}"}',
            "NotFound: no list",
        ),
        ('States.TaskFailed: {"Status": "ABORTED", "Error": "Died"}', "Died: no cause was given"),
        ("Broken: [1]", "Broken: [1]"),
        ("", ""),
    ],
)
def test_what_broke_is_told_without_a_stack_trace(cause: str, sentence: str) -> None:
    assert what_broke(cause) == sentence


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ({"Error": "States.Timeout"}, "States.Timeout: no cause was given"),
        ({"Error": "NotFound", "Cause": '{"errorMessage": "there is no list"}'}, "NotFound: there is no list"),
        ({"Error": "Died", "Cause": ""}, "Died: no cause was given"),
        ({}, "an error without a name: no cause was given"),
    ],
)
def test_an_error_as_a_state_caught_it_may_lack_its_cause(error: dict[str, str], sentence: str) -> None:
    assert what_broke(error) == sentence
