"""Identifiers that cross a wire, as constrained string types.

Limits come from AWS IoT: thing names are up to 128 of ``[a-zA-Z0-9:_-]``, job ids up to 64 of
``[a-zA-Z0-9_-]``. Deployment ids are kept short so that a job id made from one always fits.
"""

from typing import Annotated

from pydantic import StringConstraints

MAX_DEVICE_ID_LENGTH = 128  # AWS IoT: thingName
MAX_VERSION = 99_999_999  # the table orders versions by eight digits

DEVICE_ID_PATTERN = r"^[a-zA-Z0-9:_-]{1,128}$"
GROUP_NAME_PATTERN = r"^[a-zA-Z0-9:_-]{1,128}$"  # AWS IoT: thingGroupName
FLOW_ID_PATTERN = r"^flow_[0-9A-Za-z]{1,40}$"
SLUG_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"
BY_SLUG = "slug:"
"""Comes before a slug where an id could stand as well. No id has a colon, so a reference is one or the other."""
FLOW_REFERENCE_PATTERN = r"^(flow_[0-9A-Za-z]{1,40}|slug:[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?)$"
DEPLOYMENT_ID_PATTERN = r"^dep_[0-9A-Za-z]{1,36}$"
VERSION_PATTERN = r"^[1-9][0-9]{0,7}$"
EPOCH_PATTERN = r"^[0-9A-Za-z_-]{8,64}$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"

DeviceId = Annotated[str, StringConstraints(pattern=DEVICE_ID_PATTERN)]
GroupName = Annotated[str, StringConstraints(pattern=GROUP_NAME_PATTERN)]
FlowId = Annotated[str, StringConstraints(pattern=FLOW_ID_PATTERN)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
"""A name that one flow of the stack has at most, fit for addresses."""
FlowReference = Annotated[str, StringConstraints(pattern=FLOW_REFERENCE_PATTERN)]
"""A flow: its id, or ``slug:`` and its slug."""
DeploymentId = Annotated[str, StringConstraints(pattern=DEPLOYMENT_ID_PATTERN)]
Sha256 = Annotated[str, StringConstraints(pattern=SHA256_PATTERN)]
Epoch = Annotated[str, StringConstraints(pattern=EPOCH_PATTERN)]
"""Names the folder that an agent keeps what it knows in. A new one, whyever the old one was lost, has another id."""
