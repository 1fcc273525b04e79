"""``expression``: makes a new payload by a JSONata expression."""

from typing import TYPE_CHECKING

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.paths import NoPlaceError

if TYPE_CHECKING:
    from edge_agent.flows.language.expressions import Expression
from edge_agent.flows.language.nodes.expression import CheckedExpressionKind
from edgeflow.contract.nodes.expression import ExpressionSettings


class ExpressionNode(CheckedExpressionKind, Node[ExpressionSettings]):
    """Sends each message on with what the expression makes of its payload; nothing when it finds nothing."""

    def __init__(self, settings: ExpressionSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._expression: Expression | None = None

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  it has no timer
        """Compile the expression, on the thread that will evaluate it.

        Raises:
            NodeError: a variable has a name that expressions keep for themselves.
        """
        from edge_agent.flows.language.expressions import RESERVED, Expression  # noqa: PLC0415  only where it is needed

        reserved = [name for name in self.environment.variables if name.startswith(RESERVED)]
        if reserved:
            message = f"The variable {reserved[0]!r} has a name that is reserved in expressions; rename it."
            raise NodeError(message)
        self._emit = emit
        self._expression = Expression(self.settings.expression)

    def receive(self, message: Message) -> None:
        """Evaluate and send on.

        Raises:
            NodeError: the expression fails with this message, or does not end in time.
        """
        from edge_agent.flows.language.expressions import NOTHING, ExpressionError  # noqa: PLC0415  only where it is needed

        if self._emit is None or self._expression is None:
            return
        try:
            result = self._expression.evaluate(message.payload, self.environment.variables)
            if result is NOTHING:
                return
            payload = self.settings.property_.put(message.payload, result)
        except ExpressionError as error:
            reason = f"The expression failed with a message: {error}."
            raise NodeError(reason) from None
        except NoPlaceError as error:
            raise NodeError(str(error)) from None
        self._emit(message.carrying(payload, self.environment.node_id))
