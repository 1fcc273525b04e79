"""Ids in paths: what cannot be one is refused before it becomes a key."""

import re
from urllib.parse import unquote

from edgeflow.bootstrap import names
from edgeflow.contract.ids import DEPLOYMENT_ID_PATTERN, DEVICE_ID_PATTERN, FLOW_REFERENCE_PATTERN, VERSION_PATTERN
from edgeflow.domain.errors import Fault, InvalidRequest, NotFound


def flow_named_in(path_part: str) -> str:
    """Return what names a flow, its id or ``slug:`` and its slug, of which ``:`` may come escaped. Raises NotFound."""
    plain = unquote(path_part)
    if not re.fullmatch(FLOW_REFERENCE_PATTERN, plain):
        message = f"there is no flow {plain[:72]}"
        raise NotFound(message)
    return plain


def flow_id_in(path_part: str) -> str:
    """Return a flow's id, which may be named by its slug. Raises NotFound, CannotBeRead."""
    return names.find_flow()(flow_named_in(path_part))


def flow_asked_for(reference: str | None) -> str | None:
    """Return the id of the flow that a list is asked for by ``flow_id``; None where it is not.

    Raises:
        InvalidRequest: no flow has the slug.
        CannotBeRead: the record of the slug is damaged.
    """
    if reference is None:
        return None
    try:
        return names.find_flow()(reference)
    except NotFound as error:
        raise InvalidRequest([Fault("flow_id", str(error))]) from error


def version_in(path_part: str) -> int:
    """Return the number of a version. Raises NotFound."""
    if not re.fullmatch(VERSION_PATTERN, path_part):
        message = f"there is no version {path_part[:64]}; versions are numbered from 1"
        raise NotFound(message)
    return int(path_part)


def deployment_id_in(path_part: str) -> str:
    """Return a deployment's id. Raises NotFound."""
    if not re.fullmatch(DEPLOYMENT_ID_PATTERN, path_part):
        message = f"there is no deployment {path_part[:64]}"
        raise NotFound(message)
    return path_part


def device_id_in(path_part: str) -> str:
    """Return a device's id, of which ``:`` may come escaped. Raises NotFound."""
    plain = unquote(path_part)
    if not re.fullmatch(DEVICE_ID_PATTERN, plain):
        message = f"there is no device {plain[:128]}"
        raise NotFound(message)
    return plain
