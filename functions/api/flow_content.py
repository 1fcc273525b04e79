"""What a PUT and a PATCH make of a flow. Neither wipes anything that it does not name."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from api.bodies import Body
from api.views.flows import view
from edgeflow.contract.rest import flows as rest
from edgeflow.contract.rest.merge_patch import merged
from edgeflow.domain.errors import Fault, InvalidRequest
from edgeflow.domain.flows import Flow, FlowContent

_MAY_BE_LEFT_OUT: Final = ("description", "tags")
"""Of a flow: ``name`` and ``definition`` are required."""


def put(body: rest.UpdateFlow, flow: Flow) -> FlowContent:
    """Return the content that a PUT asks for.

    Raises:
        InvalidRequest: a key that only EdgeFlow writes says something else than the flow has, or what is left out is
            not empty; all are listed.
    """
    now = view(flow).model_dump(mode="json")
    told = body.model_dump(mode="json", include=body.model_fields_set & rest.WRITTEN_BY_EDGEFLOW)
    missing = [
        *_left_out("", now, _MAY_BE_LEFT_OUT, body.model_fields_set),
        *_left_out("/definition", now["definition"], now["definition"], body.definition.model_fields_set),
    ]
    _refuse([*_set_elsewhere(now, told), *missing])
    return FlowContent(
        name=body.name,
        description=body.description,
        tags=body.tags,
        definition=body.definition.as_definition(),
        slug=body.slug if "slug" in body.model_fields_set else flow.slug,
    )


def patch(body: Body, flow: Flow) -> FlowContent:
    """Return a flow's content with a merge patch (RFC 7396) merged into it; null brings a default back.

    What the patch does not touch is not looked at, so a flow of before a bound was narrowed can be renamed.

    Raises:
        InvalidRequest: the patch is no object, a key that only EdgeFlow writes is changed by it, or what comes of it
            is no content of a flow; all faults are listed.
    """
    now = view(flow).model_dump(mode="json")
    if not isinstance(body.document, dict):
        body.read_as(rest.PatchFlow)  # which says what it is not
        return flow.content
    touched = body.document.keys()
    after = {key: value for key, value in merged(now, body.document).items() if key in touched}
    made = replace(body, text=None, document=after).read_as(rest.PatchFlow)
    told = {key: after.get(key) for key in touched if key in rest.WRITTEN_BY_EDGEFLOW}
    nameless = [Fault("/name", "must not be removed")] if "name" in touched and made.name is None else []
    _refuse([*_set_elsewhere(now, told), *nameless])
    content = flow.content
    return FlowContent(
        name=made.name if made.name is not None else content.name,
        description=made.description if "description" in touched else content.description,
        tags=made.tags if "tags" in touched else content.tags,
        definition=made.definition.as_definition() if "definition" in touched else content.definition,
        slug=made.slug if "slug" in touched else content.slug,
    )


def _set_elsewhere(now: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a fault for each key that says something else than the flow has, and that no request can set."""
    for key, value in told.items():
        if value != now[key] and key != "open_deployments":  # these come and go by themselves
            is_now = json.dumps(now[key], ensure_ascii=False)
            yield Fault(f"/{key}", f"is {is_now} and cannot be set; leave it out, or read the flow again")


def _left_out(pointer: str, now: Mapping[str, Any], keys: Iterable[str], told: set[str]) -> Iterator[Fault]:
    """Yield a fault for each key that is left out and has something to lose."""
    for key in keys:
        if key not in told and now[key]:
            clear = '""' if isinstance(now[key], str) else "[]"
            message = f"left out, but the flow has some: send it as it shall be, {clear} to clear it, or use PATCH"
            yield Fault(f"{pointer}/{key}", message)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise InvalidRequest(faults)
