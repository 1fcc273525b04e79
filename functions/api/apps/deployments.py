"""Entry point of every route that changes deployments: it may start and stop state machines."""

from api.app import handler_of
from api.routes import deployments

handler = handler_of(deployments.router)
