"""``template``: makes a text, or JSON, by filling in a template."""

from typing import ClassVar, Final, Literal

from pydantic import Field

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.paths import WHOLE_PAYLOAD, PathSetting

MAX_TEMPLATE_LENGTH: Final = 16_384


class TemplateSettings(NodeSettings):
    """The template, how its output is read, and where in the payload it goes."""

    template: str = Field(max_length=MAX_TEMPLATE_LENGTH)
    format: Literal["text", "json"] = "text"
    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")


class TemplateKind(NodeKind[TemplateSettings]):
    """``template``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = TemplateSettings
