"""What flows of the built-in runtime need around them."""

from collections.abc import Iterator

import pytest

from edge_agent.flows.builtin.io import IoLoop
from tests.support.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on the device; closed in the end."""
    with serving() as made:
        yield made


@pytest.fixture
def io() -> Iterator[IoLoop]:
    """A device's loop for nodes that wait."""
    made = IoLoop()
    yield made
    made.stop()
