"""Doing what a plan says. Each step can be done again: a run that was cut off is ended by the next one."""

import hashlib
import json
from http import HTTPStatus
from typing import Any

from edgeflow.cli.fleet_plan import DeployStep, FlowStep
from edgeflow.client import ApiError, Client
from edgeflow.client.session import checked
from edgeflow.contract.rest.deployments import create_model, known
from edgeflow.contract.rest.flows import CreateFlow, FlowView


def carry_out_flow(client: Client, step: FlowStep) -> tuple[str, int | None]:
    """Create, change and publish a flow; returns its id, and the version of the file's definition.

    Raises:
        ApiError: it was refused, also where somebody else has changed the flow since it was read (412).
    """
    wanted = step.wanted
    if step.current is None:
        flow_id, etag = _create(client, step)
        return flow_id, client.flows.publish(flow_id, etag=etag).latest_version
    flow_id, etag = step.current.id, step.current.etag
    if (step.changed or step.publish) and step.current.status == "published":
        client.flows.draft(flow_id, etag=etag)
        etag = client.flows.get(flow_id).etag
    if step.changed:
        told: dict[str, object] = {
            "name": wanted.name,
            "description": wanted.description,
            "tags": wanted.tags,
            "slug": wanted.slug,
        }
        if wanted.definition is not None:
            told["definition"] = wanted.definition.model_dump(mode="json")
        etag = client.flows.update(flow_id, {key: told[key] for key in step.changed}, etag=etag).etag
    if step.publish:
        return flow_id, client.flows.publish(flow_id, etag=etag).latest_version
    return flow_id, step.version


def carry_out_deploy(client: Client, step: DeployStep, flow_id: str, version: int) -> list[str]:
    """Create and start what an entry needs; returns the ids of all deployments that bring its version.

    The key is made of the request and of the flow's newest deployment: two runs that saw the same make one deployment,
    and one after a rollback makes another.
    """
    started = list(step.start)
    if step.action == "deploy":
        document = step.body(flow_id, version)
        body = known(checked(create_model(document), document))
        made = client.deployments.create(body, idempotency_key=_key("deploy", {**document, "newest": step.newest}))
        started.append(made.id)
    for deployment_id in started:
        client.deployments.start(deployment_id)
    return [*step.under_way, *started]


def _create(client: Client, step: FlowStep) -> tuple[str, str]:
    wanted = step.wanted
    if wanted.definition is None:  # the plan refuses that
        raise AssertionError
    document: dict[str, Any] = {"name": wanted.name, "definition": wanted.definition.model_dump(mode="json")}
    if wanted.description is not None:
        document["description"] = wanted.description
    if wanted.tags is not None:
        document["tags"] = list(wanted.tags)
    if wanted.slug is not None:
        document["slug"] = wanted.slug
    body = checked(CreateFlow, document)
    made: FlowView = client.flows.create(body, idempotency_key=_key("create", document))
    try:
        found = client.flows.get(made.id)
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        # The key is still known, of a flow that was deleted since.
        found = client.flows.get(client.flows.create(body).id)
    return found.id, found.etag


def _key(what: str, content: object) -> str:
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return f"edgeflow-apply-{what}-{digest}"
