"""Entry point of every route that changes flows: it may sign."""

from api.app import handler_of
from api.routes import flows

handler = handler_of(flows.router)
