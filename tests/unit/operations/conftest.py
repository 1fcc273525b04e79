"""A deployed stack in moto, and a clock that does not wait."""

import pytest

from tests.support.aws_stack import Account, Seconds


@pytest.fixture
def account(aws: None) -> Account:
    return Account()


@pytest.fixture
def clock() -> Seconds:
    return Seconds()
