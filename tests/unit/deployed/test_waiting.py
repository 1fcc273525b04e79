"""Waiting ends when the condition holds, or says what did not."""

import pytest

from deployed.waiting import NotInTime, eventually


def test_it_ends_as_soon_as_the_condition_holds() -> None:
    answers = iter([False, True])
    eventually(lambda: next(answers), seconds=30, what="the second answer")
    assert next(answers, None) is None


def test_what_does_not_come_is_named() -> None:
    with pytest.raises(NotInTime, match="not within 0 s: a wonder"):
        eventually(lambda: False, seconds=0, what="a wonder")
