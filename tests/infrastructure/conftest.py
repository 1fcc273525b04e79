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


def target(reference: Any) -> str:  # noqa: ANN401  whatever stands there
    """Return the logical id that a ``Ref`` or a ``GetAtt`` points at."""
    match reference:
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": [name, *_]}:
            return str(name)
        case {"Fn::GetAtt": str(path)}:
            return path.partition(".")[0]
        case _:
            message = f"not a reference: {reference}"
            raise AssertionError(message)


def listed(value: Any) -> list[Any]:  # noqa: ANN401  a template's value
    """Return what stands alone as a list of one."""
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="session")
def template(root: Path) -> Template:
    """The template."""
    text = (root / "template.yaml").read_text(encoding="utf-8")
    body, faults = decode_str(text)
    assert not faults
    assert body is not None
    return Template(text, dict(body))
