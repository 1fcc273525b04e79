"""Whether AWS takes the stack's name, and every name that the template makes of it."""

import re
from collections.abc import Iterator
from typing import Final

from edgeflow.contract.wording import counted
from operations.preflight.findings import Finding, error, well
from operations.preflight.template import Template

CHECK: Final = "stack name"
_STACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_LONGEST: Final = {
    "AWS::Cognito::UserPool": ("UserPoolName", 128),
    "AWS::IoT::Policy": ("PolicyName", 128),
    "AWS::IoT::ProvisioningTemplate": ("TemplateName", 36),
    "AWS::SQS::Queue": ("QueueName", 80),
    "AWS::Serverless::Function": ("FunctionName", 64),
    "AWS::Serverless::LayerVersion": ("LayerName", 140),
    "AWS::Serverless::StateMachine": ("Name", 80),
}
"""The property that names a resource, and how long its value may be, by the API reference of each service."""


def names(stack_name: str, template: Template) -> Iterator[Finding]:
    """Say which names would be refused."""
    faults = []
    if not _STACK_NAME.fullmatch(stack_name):
        faults.append("a stack's name has letters, digits and hyphens, begins with a letter, and has at most 128")
    for kind, (name_property, most) in _LONGEST.items():
        for logical_id, properties in template.of_kind(kind):
            name = template.resolved(properties.get(name_property, ""))
            if len(name) > most:
                faults.append(
                    f"{logical_id} would be named {name}: {counted(len(name), 'character')},"
                    f" {len(name) - most} too many"
                )
    for fault in faults:
        yield error(
            CHECK,
            fault,
            why="AWS refuses it half-way through the deployment",
            remedy=f"give the environment another stack_name than {stack_name} in samconfig.toml",
        )
    if not faults:
        yield well(CHECK, f"{stack_name}, and each name that is made of it, is one that AWS takes")
