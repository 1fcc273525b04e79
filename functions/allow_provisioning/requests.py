"""What AWS IoT hands to a pre-provisioning hook (payload version 2020-04-01)."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from edgeflow.contract.enrolment import MAX_CLIENT_ID_LENGTH
from edgeflow.contract.ids import DeviceId
from edgeflow.use_cases.enrolment.allow_provisioning import ProvisioningRequest

MAX_ARN_LENGTH: Final = 2_048


class Parameters(BaseModel):
    """What the device sent with RegisterThing, see ``edgeflow.contract.enrolment``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    device_id: DeviceId = Field(alias="DeviceId")


class HookEvent(BaseModel):
    """One RegisterThing. ``claimCertificateId`` is that of the connection, whether it is a claim's or a device's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    certificate_id: str = Field(alias="certificateId", pattern=r"^[0-9a-f]{64}$")
    presented_id: str = Field(alias="claimCertificateId", pattern=r"^[0-9a-f]{64}$")
    client_id: str = Field(alias="clientId", max_length=MAX_CLIENT_ID_LENGTH)
    template_arn: str = Field(alias="templateArn", pattern=r":provisioningtemplate/.", max_length=MAX_ARN_LENGTH)
    parameters: Parameters

    def request(self) -> ProvisioningRequest:
        """Return what it asks for. The certificates are of the template's account, so its ARN gives theirs."""
        prefix = self.template_arn.partition(":provisioningtemplate/")[0]
        return ProvisioningRequest(
            device_id=self.parameters.device_id,
            certificate=f"{prefix}:cert/{self.certificate_id}",
            client_id=self.client_id,
            presented=f"{prefix}:cert/{self.presented_id}",
        )
