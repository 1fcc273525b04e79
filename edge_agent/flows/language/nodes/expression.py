"""``expression`` with its text read: what the contract, which has no library for that, leaves to the device."""

from typing import ClassVar

from pydantic import field_validator

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.expression import ExpressionKind, ExpressionSettings


class CheckedExpressionSettings(ExpressionSettings):
    """Settings whose expression reads."""

    @field_validator("expression")
    @classmethod
    def _reads(cls, text: str) -> str:
        from edge_agent.flows.language.expressions import Expression, ExpressionError  # noqa: PLC0415  only where it is needed

        try:
            Expression(text)
        except ExpressionError as error:
            message = f"is no JSONata: {error}"
            raise ValueError(message) from None
        return text


class CheckedExpressionKind(ExpressionKind):
    """``expression``, as a device takes it."""

    settings_type: ClassVar[type[NodeSettings]] = CheckedExpressionSettings
