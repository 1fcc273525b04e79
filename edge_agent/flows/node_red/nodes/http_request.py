"""``http_request`` is Node-RED's own, between a function that asks in turn and one that judges what came of it."""

from typing import Final

from pydantic import JsonValue

from edge_agent.flows.language.secrets import Redactor
from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.credentials import Credential
from edge_agent.flows.node_red.draft import STEP, Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.base import MAX_WAITING
from edgeflow.contract.nodes.http_request import BODY_METHODS, MAX_ANSWER_BYTES, READS, HttpRequestSettings


def sent_headers(settings: HttpRequestSettings) -> dict[str, str]:
    """Return the headers of each request."""
    headers = settings.all_headers()
    if settings.method in BODY_METHODS and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = "application/json"
    return headers


def ask_http(settings: HttpRequestSettings, url: str | Credential, headers: JsonValue | Credential) -> str:
    """Return the script that makes a message a request, and keeps those that have to wait for their turn."""
    return script(
        "ask_http",
        url=url,
        method=settings.method,
        headers=headers,
        hasBody=settings.method in BODY_METHODS,
        timeout=settings.timeout.total_seconds() * 1_000,
        concurrency=settings.concurrency,
        maxWaiting=MAX_WAITING,
    )


def read_http(settings: HttpRequestSettings, redact: Redactor) -> str:
    """Return the script that sends an answer on, or says what is wrong with it; then the next one may ask."""
    asked = redact(f"{settings.method} {settings.url}")
    return script("read_http", asked=asked, asJson=settings.format == "json", maxBytes=MAX_ANSWER_BYTES)


def translate(draft: Draft, node: Node) -> None:
    """Put the functions, the request between them, and what leads its failures to the second function as well."""
    settings = HttpRequestSettings.model_validate(node.config)
    title = title_of(node)
    asker = draft.name.item(node.id)
    request, listener, reader = (draft.name.item(node.id, part) for part in ("request", "listener", "reader"))
    url = draft.hide_text(node, "url", settings.url)
    headers = draft.hide_object(node, ("headers", "username", "password"), sent_headers(settings))
    draft.put(node, items.function(asker, title, ask_http(settings, url, headers), outputs=1), wires=[[request]])
    draft.put(node, items.http_request(request, title), wires=[[reader]], at=STEP)
    draft.put(node, items.catch(listener, title, [request]), wires=[[reader]], at=STEP)
    item = items.function(reader, title, read_http(settings, draft.redact), outputs=2)
    draft.put(node, item, wires=[*draft.wires_of(node, 1), [asker]], at=2 * STEP)
    del draft.owners[request], draft.owners[listener]  # what fails there is told by the reader, once
    draft.may_be_offline.add(request)
    if settings.method not in READS:
        draft.silenced.add(asker)


TRANSLATION: Final = Translation(translate, frozenset({"http request"}))
