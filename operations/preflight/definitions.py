"""What AWS Step Functions says of the state machines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from operations.clients import Clients
from operations.preflight.findings import Finding, error, warning, well
from operations.preflight.template import Template

CHECK: Final = "state machines"
_KIND: Final = "AWS::Serverless::StateMachine"


def definitions(clients: Clients, template: Template, root: Path) -> Iterator[Finding]:
    """Have every definition validated, with ARNs in place of its substitutions."""
    client = clients("stepfunctions")
    number = 0
    for name, properties in template.of_kind(_KIND):
        text = (root / properties["DefinitionUri"]).read_text(encoding="utf-8")
        for placeholder, value in template.resolved(properties["DefinitionSubstitutions"]).items():
            text = text.replace(f"${{{placeholder}}}", value)
        answer = client.validate_state_machine_definition(definition=text, type="STANDARD", severity="WARNING")
        for each in answer["diagnostics"]:
            say, why = (
                (error, "AWS refuses this state machine")
                if each["severity"] == "ERROR"
                else (warning, "it is deployed, and may not do what it was written for")
            )
            where = f" at {each['location']}" if "location" in each else ""
            what = f"{name}{where}: {each['message']} ({each['code']})"
            yield say(CHECK, what, why=why, remedy="mend its source in statemachines/, then run make machines")
        number += not answer["diagnostics"]
    yield well(CHECK, f"AWS Step Functions finds nothing in {number} definitions")
