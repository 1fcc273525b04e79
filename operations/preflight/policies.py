"""What IAM Access Analyzer says of the policies in the template."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from operations.clients import Clients
from operations.preflight.findings import Finding, error, warning, well
from operations.preflight.template import Template

CHECK: Final = "policies"
_OWN: Final = "IDENTITY_POLICY"
_OF_RESOURCE: Final = "RESOURCE_POLICY"


@dataclass(frozen=True)
class Policy:
    """One policy: where it stands, the document without references, and what Access Analyzer is to take it for."""

    place: str
    document: Mapping[str, Any]
    kind: str
    resource_kind: str | None = None


def policies_of(template: Template) -> Iterator[Policy]:
    """Yield all policies for IAM, S3 and KMS. Those of AWS IoT have a language of their own."""
    for kind in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
        for name, properties in template.of_kind(kind):
            documents = [each for each in template.resolved(properties.get("Policies", [])) if isinstance(each, dict)]
            yield from (Policy(name, each, _OWN) for each in documents)
    for name, properties in template.of_kind("AWS::IAM::Role"):
        trust = template.resolved(properties["AssumeRolePolicyDocument"])
        yield Policy(f"{name} (trust)", trust, _OF_RESOURCE, "AWS::IAM::AssumeRolePolicyDocument")
        for each in template.resolved(properties.get("Policies", [])):
            yield Policy(name, each["PolicyDocument"], _OWN)
    for name, properties in template.of_kind("AWS::S3::BucketPolicy"):
        yield Policy(name, template.resolved(properties["PolicyDocument"]), _OF_RESOURCE, "AWS::S3::Bucket")
    for name, properties in template.of_kind("AWS::KMS::Key"):
        yield Policy(name, template.resolved(properties["KeyPolicy"]), _OF_RESOURCE)


def policies(clients: Clients, template: Template) -> Iterator[Finding]:
    """Have every policy validated; suggestions of style are left out."""
    pages = clients("accessanalyzer").get_paginator("validate_policy")
    number = 0
    for policy in policies_of(template):
        number += 1
        request = {"policyDocument": json.dumps(policy.document), "policyType": policy.kind}
        if policy.resource_kind is not None:
            request["validatePolicyResourceType"] = policy.resource_kind
        for page in pages.paginate(**request):
            yield from _findings(policy, page["findings"])
    yield well(CHECK, f"IAM Access Analyzer has read {number} policies")


def _findings(policy: Policy, found: list[Mapping[str, Any]]) -> Iterator[Finding]:
    for each in found:
        what = f"{policy.place}: {each['findingDetails']} ({each['issueCode']})"
        remedy = f"mend it in template.yaml; see {each['learnMoreLink']}"
        match each["findingType"]:
            case "ERROR":
                yield error(CHECK, what, why="AWS refuses this policy, or it allows nothing", remedy=remedy)
            case "SECURITY_WARNING" | "WARNING":
                yield warning(CHECK, what, why="it allows more than is meant, or not what is meant", remedy=remedy)
            case _:
                pass
