"""Errors as sentences, and which are of which kind."""

import pytest

from edgeflow.domain.errors import (
    CannotBeRead,
    Conflict,
    Damaged,
    EdgeFlowError,
    Fault,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    StillCancelling,
    Unavailable,
)
from edgeflow.domain.unreadable import Kind, Unreadable


def test_every_fault_of_a_request_is_in_its_sentence() -> None:
    faults = [Fault("/name", "is too long"), Fault("limit", "is no number")]
    refusal = InvalidRequest(faults, more=3)
    assert (str(refusal), refusal.faults, refusal.more) == ("/name: is too long; limit: is no number", faults, 3)


def test_a_record_that_cannot_be_read_speaks_for_itself() -> None:
    record = Unreadable(kind=Kind.FLOW, id="flow_1", of="", fault="no name")
    error = CannotBeRead(record)
    assert (str(error), error.record) == (str(record), record)


@pytest.mark.parametrize(
    "kind", [InvalidRequest, NotFound, Conflict, CannotBeRead, PreconditionFailed, Damaged, Unavailable]
)
def test_each_kind_of_error_is_of_no_other_kind(kind: type[EdgeFlowError]) -> None:
    assert kind.__bases__ == (EdgeFlowError,)


def test_what_is_still_being_cancelled_is_worth_another_try() -> None:
    assert issubclass(StillCancelling, Unavailable)
