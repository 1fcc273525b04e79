"""``expression``: makes a new payload by a JSONata expression."""

from typing import ClassVar, Final

from pydantic import Field

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.paths import WHOLE_PAYLOAD, PathSetting

MAX_EXPRESSION_LENGTH: Final = 8_192


class ExpressionSettings(NodeSettings):
    """The expression, and where in the payload its result goes."""

    expression: str = Field(min_length=1, max_length=MAX_EXPRESSION_LENGTH)
    property_: PathSetting = Field(default=WHOLE_PAYLOAD, alias="property")


class ExpressionKind(NodeKind[ExpressionSettings]):
    """``expression``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = ExpressionSettings
