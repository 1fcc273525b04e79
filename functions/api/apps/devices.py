"""Entry point of every route that changes devices: it may make and withdraw certificates."""

from api.app import handler_of
from api.routes import devices

handler = handler_of(devices.router)
