"""Things and certificates of devices in AWS IoT."""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from edgeflow.adapters.aws_errors import NOT_FOUND, error_code, unavailable
from edgeflow.domain.devices import Certificate, Endpoint
from edgeflow.domain.errors import Conflict, Fault, InvalidRequest, Unavailable

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient

_SERVICE: Final = "AWS IoT"
_MARK: Final = {"managed_by": "edgeflow"}
"""What tells our things, whatever other attributes they have; those of others are left alone."""


class AwsIotRegistry:
    """Implements ``IotRegistry``."""

    def __init__(self, client: "IoTClient", policy_name: str) -> None:
        """Give every certificate the policy of this name."""
        self._client = client
        self._policy_name = policy_name
        self._endpoint: Endpoint | None = None

    def create_thing(self, device_id: str) -> None:
        """Make the thing. Raises Conflict when a thing of this name exists that EdgeFlow did not make."""
        with unavailable(_SERVICE):
            try:
                ours = self._is_ours(device_id)
            except ClientError as error:
                if error_code(error) not in NOT_FOUND:
                    raise
            else:
                if not ours:
                    raise _foreign(device_id)
                return
            try:
                self._client.create_thing(thingName=device_id, attributePayload={"attributes": _MARK})
            except ClientError as error:
                if error_code(error) == "ResourceAlreadyExistsException":
                    raise _foreign(device_id) from error
                raise

    def create_certificate(self, csr: str | None) -> Certificate:
        """Make an inactive certificate, from a signing request or with a new key pair.

        Raises:
            InvalidRequest: AWS IoT does not accept the request.
        """
        with unavailable(_SERVICE):
            if csr is None:
                made = self._client.create_keys_and_certificate(setAsActive=False)
                return Certificate(
                    arn=made["certificateArn"],
                    pem=made["certificatePem"],
                    private_key=made["keyPair"]["PrivateKey"],
                )
            try:
                signed = self._client.create_certificate_from_csr(certificateSigningRequest=csr, setAsActive=False)
            except ClientError as error:
                if error_code(error) == "InvalidRequestException":
                    message = "AWS IoT does not accept this certificate signing request; send one in PEM form"
                    raise InvalidRequest([Fault("/csr", message)]) from error
                raise
            return Certificate(arn=signed["certificateArn"], pem=signed["certificatePem"], private_key=None)

    def authorise(self, device_id: str, certificate_arn: str) -> None:
        """Give the certificate the device policy and the thing, then activate it.

        Raises:
            Conflict: certificate or thing are gone, or revoked: another request removed them.
        """
        with unavailable(_SERVICE):
            try:
                self._client.attach_policy(policyName=self._policy_name, target=certificate_arn)
                self._client.attach_thing_principal(thingName=device_id, principal=certificate_arn)
                self._client.update_certificate(certificateId=_id(certificate_arn), newStatus="ACTIVE")
            except ClientError as error:
                if error_code(error) in NOT_FOUND | {"CertificateStateException"}:
                    message = f"another request removed device {device_id} at the same moment; register it again"
                    raise Conflict(message) from error
                raise

    def withdraw(self, device_id: str, certificate_arn: str) -> None:
        """Revoke the certificate, take it off thing and policy, and delete it."""
        certificate_id = _id(certificate_arn)
        steps = (
            lambda: self._client.update_certificate(certificateId=certificate_id, newStatus="REVOKED"),
            lambda: self._client.detach_policy(policyName=self._policy_name, target=certificate_arn),
            lambda: self._client.detach_thing_principal(thingName=device_id, principal=certificate_arn),
            lambda: self._client.delete_certificate(certificateId=certificate_id, forceDelete=True),
        )
        for step in steps:
            with unavailable(_SERVICE):
                try:
                    step()
                except ClientError as error:
                    if error_code(error) == "DeleteConflictException":
                        # AWS IoT detaches in its own time, some seconds after it was asked to.
                        message = f"AWS IoT is still detaching the certificate of {device_id}; try again"
                        raise Unavailable(message) from error
                    if error_code(error) not in NOT_FOUND:  # what is gone already needs no undoing
                        raise

    def certificates_of(self, device_id: str) -> frozenset[str]:
        """Return the certificates with the device policy that are attached to the thing, if that is ours."""
        with unavailable(_SERVICE):
            try:
                if not self._is_ours(device_id):
                    return frozenset()
                pages = self._client.get_paginator("list_thing_principals").paginate(thingName=device_id)
                attached = [principal for page in pages for principal in page["principals"]]
                return frozenset(principal for principal in attached if self._has_policy(principal))
            except ClientError as error:
                if error_code(error) in NOT_FOUND:
                    return frozenset()
                raise

    def delete_thing(self, device_id: str) -> None:
        """Delete the thing.

        Raises:
            Conflict: certificates of other makers are attached.
            Unavailable: AWS IoT still lists certificates that were deleted; its lists are behind for some seconds.
        """
        with unavailable(_SERVICE):
            try:
                if not self._is_ours(device_id):
                    return
                attached = self._client.list_thing_principals(thingName=device_id)["principals"]
                if any(self._is_there(principal) for principal in attached):
                    raise _still_attached(device_id)
                if attached:
                    message = f"AWS IoT still lists deleted certificates of {device_id}; try again"
                    raise Unavailable(message)
                self._client.delete_thing(thingName=device_id)
            except ClientError as error:
                if error_code(error) == "InvalidRequestException":  # attached between the two calls
                    raise _still_attached(device_id) from error
                if error_code(error) not in NOT_FOUND:
                    raise

    def _is_ours(self, device_id: str) -> bool:
        return _MARK.items() <= self._client.describe_thing(thingName=device_id).get("attributes", {}).items()

    def _has_policy(self, principal: str) -> bool:
        pages = self._client.get_paginator("list_attached_policies").paginate(target=principal)
        return any(policy.get("policyName") == self._policy_name for page in pages for policy in page["policies"])

    def _is_there(self, principal: str) -> bool:
        if ":cert/" not in principal:  # an identity of Amazon Cognito
            return True
        try:
            self._client.describe_certificate(certificateId=_id(principal))
        except ClientError as error:
            if error_code(error) not in NOT_FOUND:
                raise
            return False
        return True

    def endpoint(self) -> Endpoint:
        """Return where devices connect, asked for once: AWS IoT answers ten times a second at most.

        AWS IoT names the host alone, what stands in for it locally its port, too.
        """
        if self._endpoint is None:
            with unavailable(_SERVICE):
                address = self._client.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
            host, _, port = address.partition(":")
            self._endpoint = Endpoint(host=host, port=int(port)) if port else Endpoint(host=host)
        return self._endpoint


def _id(certificate_arn: str) -> str:
    return certificate_arn.rpartition("/")[2]


def _still_attached(device_id: str) -> Conflict:
    return Conflict(
        f"thing {device_id} has certificates that EdgeFlow did not make; detach them, then remove the device again"
    )


def _foreign(device_id: str) -> Conflict:
    return Conflict(
        f"AWS IoT has a thing {device_id} that EdgeFlow did not make; choose another device_id, or delete that thing"
    )
