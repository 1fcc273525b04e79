"""``expression``: makes a new payload by a JSONata expression."""

from typing import ClassVar, Final

from pydantic import Field, field_validator

from edge_agent.flows.language.nodes.base import NodeSettings
from edge_agent.flows.language.nodes.kind import NodeKind
from edge_agent.flows.language.paths import WHOLE_PAYLOAD, PathSetting

MAX_EXPRESSION_LENGTH: Final = 8_192


class ExpressionSettings(NodeSettings):
    """The expression, and where in the payload its result goes."""

    expression: str = Field(min_length=1, max_length=MAX_EXPRESSION_LENGTH)
    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")

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


class ExpressionKind(NodeKind[ExpressionSettings]):
    """``expression``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = ExpressionSettings
