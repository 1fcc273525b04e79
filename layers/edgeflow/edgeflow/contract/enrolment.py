"""Enrolment by claim (AWS IoT fleet provisioning): what the device and the cloud must name alike."""

from typing import Final

from edgeflow.contract.ids import MAX_DEVICE_ID_LENGTH

MAX_CLIENT_ID_LENGTH: Final = 128  # AWS IoT: client id, in bytes
CLAIM_CLIENT_PREFIX: Final = "claim."
"""Starts the client id of who connects with a claim certificate.

A thing's name has no full stop, so no device can ever connect under such a name; the claim's policy allows no other.
"""
DEVICE_ID_PARAMETER: Final = "DeviceId"
"""Parameter of the provisioning template that names the thing."""
MAX_CLAIMED_ID_LENGTH: Final = min(MAX_DEVICE_ID_LENGTH, MAX_CLIENT_ID_LENGTH - len(CLAIM_CLIENT_PREFIX))


def claim_client_id(device_id: str) -> str:
    """Return the client id under which a device enrols."""
    return f"{CLAIM_CLIENT_PREFIX}{device_id}"
