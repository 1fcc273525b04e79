"""What AWS IoT says about certificates and things, and whose they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from operations.clients import code_of

MARK: Final = ("managed_by", "edgeflow")
"""The attribute that tells EdgeFlow's things from those of others (edgeflow.adapters.devices.iot_registry)."""
NOT_FOUND: Final = "ResourceNotFoundException"
_CERTIFICATE: Final = ":cert/"


@dataclass(frozen=True)
class Certificate:
    """A certificate with the stack's device policy; ``foreign`` says why it is left alone, and is empty for ours."""

    arn: str
    is_active: bool
    things: tuple[str, ...]
    foreign: str

    @property
    def certificate_id(self) -> str:
        """Its id, the end of its ARN."""
        return self.arn.rpartition("/")[2]


def targets_of(iot: Any, policy: str) -> list[str]:  # noqa: ANN401  a client of AWS IoT
    """Return what a policy is attached to, certificates and other things alike; nothing where it is gone."""
    try:
        pages = iot.get_paginator("list_targets_for_policy").paginate(policyName=policy)
        return [target for page in pages for target in page["targets"]]
    except ClientError as error:
        if code_of(error) == NOT_FOUND:
            return []
        raise


def is_certificate(target: str) -> bool:
    """Tell whether a policy's target is one; else it is a thing group or an identity of Cognito."""
    return _CERTIFICATE in target


def look_at(iot: Any, arn: str, policy: str) -> Certificate | None:  # noqa: ANN401
    """Return the certificate, None where it is gone.

    Ours has no other policy, and things of EdgeFlow alone. One without any thing is ours unless it is active: then
    registering, or an earlier teardown, ended half-way. No device could connect by it.
    """
    try:
        described = iot.describe_certificate(certificateId=arn.rpartition("/")[2])["certificateDescription"]
        things = tuple(_things_of(iot, arn))
        others = sorted(set(_policies_of(iot, arn)) - {policy})
        not_ours = [thing for thing in things if is_ours(iot, thing) is False]
    except ClientError as error:
        if code_of(error) == NOT_FOUND:
            return None
        raise
    is_active = described["status"] == "ACTIVE"
    foreign = ""
    if others:
        foreign = f"it has other policies: {', '.join(others)}"
    elif not_ours:
        foreign = f"EdgeFlow did not make its thing {', '.join(not_ours)}"
    elif is_active and not things:
        foreign = "it is active and has no thing"
    return Certificate(arn=arn, is_active=is_active, things=things, foreign=foreign)


def is_ours(iot: Any, thing: str) -> bool | None:  # noqa: ANN401
    """Tell whether EdgeFlow made a thing; None where there is no such thing."""
    try:
        attributes: Mapping[str, str] = iot.describe_thing(thingName=thing).get("attributes", {})
    except ClientError as error:
        if code_of(error) == NOT_FOUND:
            return None
        raise
    return attributes.get(MARK[0]) == MARK[1]


def principals_of(iot: Any, thing: str) -> list[str]:  # noqa: ANN401
    """Return the certificates that are attached to a thing."""
    pages = iot.get_paginator("list_thing_principals").paginate(thingName=thing)
    return [principal for page in pages for principal in page["principals"]]


def _things_of(iot: Any, arn: str) -> Iterator[str]:  # noqa: ANN401
    for page in iot.get_paginator("list_principal_things").paginate(principal=arn):
        yield from page["things"]


def _policies_of(iot: Any, arn: str) -> Iterator[str]:  # noqa: ANN401
    for page in iot.get_paginator("list_attached_policies").paginate(target=arn):
        yield from (each["policyName"] for each in page["policies"])
