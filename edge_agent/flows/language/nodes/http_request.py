"""``http_request``: asks an address on the network for each message, and sends on the answer."""

from datetime import timedelta
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from edge_agent.flows.language.nodes.base import Interval, NodeSettings
from edge_agent.flows.language.nodes.kind import NodeKind

MAX_ANSWER_BYTES: Final = 1024 * 1024
MAX_TIMEOUT: Final = timedelta(minutes=2)
READS: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing: a version that stands by uses them, too."""
BODY_METHODS: Final = frozenset({"POST", "PUT", "PATCH"})
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{0,1024}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$", max_length=2_048)]


class HttpRequestSettings(NodeSettings):
    """What is asked, how long an answer may take, how it is read, and how many requests run at once."""

    url: Url
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict, max_length=32)
    timeout: Interval = timedelta(seconds=10)
    format: Literal["json", "text"] = "json"
    concurrency: int = Field(default=1, ge=1, le=8)

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.timeout > MAX_TIMEOUT:
            message = "timeout: must be at most 2m"
            raise ValueError(message)
        return self


class HttpRequestKind(NodeKind[HttpRequestSettings]):
    """``http_request``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = HttpRequestSettings
