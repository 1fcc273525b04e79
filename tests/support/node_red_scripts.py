"""Scripts of translated nodes, run by Node-RED's own function node, without a Node-RED around it."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.node_red import PROGRAM

_RUNNER: Final = Path(__file__).with_name("function_node.js")


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and what happens to it one after the other; ``at`` is the time of day in milliseconds, if it counts."""

    text: str
    steps: Sequence[dict[str, Any]]
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a function did at one step.

    Attributes:
        sent: ports and messages.
        errors: sentences.
        done: how many messages it said to be done with.
        timers: how many timers it has afterwards.
    """

    sent: list[tuple[int, dict[str, Any]]]
    errors: list[str]
    done: int
    timers: int

    @property
    def payloads(self) -> list[Any]:
        """Return the payloads of the messages sent."""
        return [message["payload"] for _, message in self.sent]


def message(payload: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON
    """Return the step in which a message comes."""
    return {"msg": {"_msgid": "m", "payload": payload, **more}}


def later(seconds: float) -> dict[str, Any]:
    """Return the step in which so much time passes."""
    return {"advance": seconds * 1_000}


STOPPED: Final[dict[str, Any]] = {"stop": True}
"""The step in which Node-RED stops the node."""


def run_scripts(scripts: Sequence[Script]) -> list[list[Told]]:
    """Run each script through its steps; returns what it did at each."""
    cases = [{"script": each.text, "steps": list(each.steps), "at": each.at} for each in scripts]
    done = subprocess.run(  # noqa: S603  the Node.js that runs Node-RED
        ["node", _RUNNER, PROGRAM.parent.parent],  # noqa: S607  as above
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [
        [Told(**step | {"sent": [(port, sent) for port, sent in step["sent"]]}) for step in each]
        for each in json.loads(done.stdout)
    ]


def answers(texts: Sequence[str], payloads: Sequence[Any]) -> list[tuple[list[Any], list[str]]]:
    """Return what each script sends for one payload each, and the sentences it says."""
    scripts = [Script(text, [message(payload)]) for text, payload in zip(texts, payloads, strict=True)]
    return [(told.payloads, told.errors) for (told,) in run_scripts(scripts)]
