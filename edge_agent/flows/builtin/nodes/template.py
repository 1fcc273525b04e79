"""``template``: makes a text, or JSON, by filling in a template."""

import json
from typing import TYPE_CHECKING, NoReturn

from pydantic import JsonValue

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.paths import NoPlaceError

if TYPE_CHECKING:
    from edge_agent.flows.language.templates import Template
from edge_agent.flows.language.nodes.template import CheckedTemplateKind
from edgeflow.contract.nodes.template import TemplateSettings


class TemplateNode(CheckedTemplateKind, Node[TemplateSettings]):
    """Sends each message on with the filled in template."""

    def __init__(self, settings: TemplateSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._template: Template | None = None

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  it has no timer
        """Compile the template."""
        from edge_agent.flows.language.templates import Template  # noqa: PLC0415  only where it is needed

        self._emit = emit
        self._template = Template(self.settings.template)

    def receive(self, message: Message) -> None:
        """Fill in the template and send on.

        Raises:
            NodeError: the message lacks what the template needs, or the output is too long or no JSON.
        """
        from edge_agent.flows.language.templates import TemplateError  # noqa: PLC0415  only where it is needed

        if self._emit is None or self._template is None:
            return
        values = {
            "payload": message.payload,
            "variables": dict(self.environment.variables),
            "metadata": dict(message.metadata),
        }
        try:
            text = self._template.fill_in(values)
            result = _read_json(text) if self.settings.format == "json" else text
            payload = self.settings.property_.put(message.payload, result)
        except TemplateError as error:
            reason = f"The template could not be filled in with a message: {error}."
            raise NodeError(reason) from None
        except NoPlaceError as error:
            raise NodeError(str(error)) from None
        self._emit(message.carrying(payload, self.environment.node_id))


def _read_json(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        message = f"The filled in template is no JSON: {error}. Texts of a message are JSON with the filter tojson."
        raise NodeError(message) from None
    return value


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)
