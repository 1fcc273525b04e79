# ruff: noqa: INP001  a script, run by its path
"""Prints template.yaml as AWS CloudFormation gets it: AWS SAM's resources translated, the state machines inline.

It runs with the SAM CLI's own libraries, in `.venv-sam`. Where code would have been uploaded to is made up.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

UPLOADED = "s3://bucket/key"


class NoManagedPolicies:
    """Stands for the lookup of AWS's managed policies by name, which asks AWS; the template names none."""

    def load(self) -> dict[str, str]:
        """Return no policy."""
        return {}


def translated(template: Path) -> dict[str, Any]:
    """Return a template as AWS CloudFormation gets it, with each parameter at its default."""
    body = yaml_parse(template.read_text(encoding="utf-8"))
    body["Globals"]["Function"]["CodeUri"] = UPLOADED
    for resource in body["Resources"].values():
        properties = resource.get("Properties", {})
        for name in {"CodeUri", "ContentUri"} & properties.keys():
            properties[name] = UPLOADED
        if "DefinitionUri" in properties:
            machine = template.parent / properties.pop("DefinitionUri")
            properties["Definition"] = json.loads(machine.read_text(encoding="utf-8"))
    defaults = {name: parameter.get("Default", "") for name, parameter in body["Parameters"].items()}
    result: dict[str, Any] = transform(body, defaults, NoManagedPolicies())
    for resource in result["Resources"].values():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":  # linted as an object, and not as lines to join
            separator, lines = resource["Properties"].pop("DefinitionString")["Fn::Join"]
            resource["Properties"]["Definition"] = json.loads(separator.join(lines))
    return result


if __name__ == "__main__":
    logging.disable()
    json.dump(translated(Path(sys.argv[1])), sys.stdout, default=str, indent=1)
