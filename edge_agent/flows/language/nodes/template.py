"""``template`` with its text read: what the contract, which has no library for that, leaves to the device."""

from typing import ClassVar

from pydantic import field_validator

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.template import TemplateKind, TemplateSettings


class CheckedTemplateSettings(TemplateSettings):
    """Settings whose template reads."""

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


class CheckedTemplateKind(TemplateKind):
    """``template``, as a device takes it."""

    settings_type: ClassVar[type[NodeSettings]] = CheckedTemplateSettings
