"""Entry point of every route that only reads."""

from api.app import handler_of
from api.routes.reading import deployments, devices, flows, node_types, openapi

handler = handler_of(flows.router, deployments.router, devices.router, node_types.router, openapi.router)
