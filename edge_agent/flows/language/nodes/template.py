"""``template``: makes a text, or JSON, by filling in a template."""

from typing import ClassVar, Final, Literal

from pydantic import Field, field_validator

from edge_agent.flows.language.nodes.base import NodeSettings
from edge_agent.flows.language.nodes.kind import NodeKind
from edge_agent.flows.language.paths import WHOLE_PAYLOAD, PathSetting

MAX_TEMPLATE_LENGTH: Final = 16_384


class TemplateSettings(NodeSettings):
    """The template, how its output is read, and where in the payload it goes."""

    template: str = Field(max_length=MAX_TEMPLATE_LENGTH)
    format: Literal["text", "json"] = "text"
    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")

    @field_validator("template")
    @classmethod
    def _reads(cls, text: str) -> str:
        from edge_agent.flows.language.templates import Template, TemplateError  # noqa: PLC0415  only where it is needed

        try:
            Template(text)
        except TemplateError as error:
            message = f"is no template: {error}"
            raise ValueError(message) from None
        return text


class TemplateKind(NodeKind[TemplateSettings]):
    """``template``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = TemplateSettings
