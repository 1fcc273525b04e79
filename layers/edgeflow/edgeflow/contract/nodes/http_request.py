"""``http_request``: asks an address on the network for each message, and sends on the answer."""

import base64
from datetime import timedelta
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from edgeflow.contract.nodes.base import Interval, NodeSettings
from edgeflow.contract.nodes.kind import NodeKind

MAX_ANSWER_BYTES: Final = 1024 * 1024
MAX_TIMEOUT: Final = timedelta(minutes=2)
MAX_HEADER_LENGTH: Final = 8_192
"""Some tokens have thousands of characters; most servers take headers of 8 KiB in all."""
READS: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing: a version that stands by uses them, too."""
BODY_METHODS: Final = frozenset({"POST", "PUT", "PATCH"})
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$")]
# The length stands beside the pattern: as its {0,8192} it would take 700 KiB of a device.
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]*$", max_length=MAX_HEADER_LENGTH)]
Username = Annotated[str, StringConstraints(pattern=r"^[^:\x00-\x1f\x7f]+$", max_length=256)]
Password = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=4_096)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$", max_length=2_048)]


class HttpRequestSettings(NodeSettings):
    """What is asked, how long an answer may take, how it is read, and how many requests run at once."""

    url: Url
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict, max_length=32)
    username: Username | None = None
    password: Password | None = None
    timeout: Interval = timedelta(seconds=10)
    format: Literal["json", "text"] = "json"
    concurrency: int = Field(default=1, ge=1, le=8)

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.timeout > MAX_TIMEOUT:
            message = "timeout: must be at most 2m"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _says_who_asks_once(self) -> Self:
        if (self.username is None) != (self.password is None):
            message = "username and password go together"
            raise ValueError(message)
        if self.username is not None and "authorization" in {name.lower() for name in self.headers}:
            message = "give username and password, or the header Authorization, not both"
            raise ValueError(message)
        return self

    def all_headers(self) -> dict[str, str]:
        """Return every header that the flow wants sent, with user name and password as HTTP's Basic scheme has them."""
        if self.username is None:
            return dict(self.headers)
        both = f"{self.username}:{self.password}".encode()
        return {**self.headers, "Authorization": f"Basic {base64.b64encode(both).decode()}"}


class HttpRequestKind(NodeKind[HttpRequestSettings]):
    """``http_request``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = HttpRequestSettings

    @classmethod
    def seconds_to_fail(cls, settings: HttpRequestSettings) -> float:
        """Return the whole time-out of a request."""
        return settings.timeout.total_seconds()
