"""template.yaml, read with CloudFormation's short forms (``!Ref``, ``!Sub`` …) written out as ``Fn::…``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode_str


@dataclass(frozen=True)
class Template:
    """The template as text and as data."""

    text: str
    body: dict[str, Any]

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of a type, by logical id."""
        found = {name: made for name, made in self.body["Resources"].items() if made["Type"] == kind}
        return {name: made.get("Properties", {}) for name, made in found.items()}

    def events(self, kind: str) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the properties of all event sources of a type, by function and name."""
        return {
            (function, name): event["Properties"]
            for function, made in self.resources("AWS::Serverless::Function").items()
            for name, event in made.get("Events", {}).items()
            if event["Type"] == kind
        }


@pytest.fixture(scope="session")
def template(root: Path) -> Template:
    """The template."""
    text = (root / "template.yaml").read_text(encoding="utf-8")
    body, faults = decode_str(text)
    assert not faults
    assert body is not None
    return Template(text, dict(body))
