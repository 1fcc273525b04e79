"""What an agent gives to the parts that it is made of, so that a test can take the place of one of them."""

from typing import Any

import pytest

import edge_agent.agent

Parts = dict[str, dict[str, Any]]
"""What each part was made with by name, by the name of its class."""


def parts_of(monkeypatch: pytest.MonkeyPatch, *names: str) -> Parts:
    """Note what the next agent makes these parts with; they are made as ever."""
    noted: Parts = {}

    def noting(name: str) -> None:
        make = getattr(edge_agent.agent, name)

        def made(*given: object, **named: object) -> object:
            noted[name] = named
            return make(*given, **named)

        monkeypatch.setattr(edge_agent.agent, name, made)

    for name in names:
        noting(name)
    return noted
