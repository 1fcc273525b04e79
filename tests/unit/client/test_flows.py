"""Flows, from the first draft to the end, by the client and the API together."""

import pytest

from edgeflow.client import ApiError, Client, InvalidArgument
from edgeflow.contract.rest.flows import CreateFlow, FlowSummary, ListFlows, UpdateFlow
from tests.support.handler_transport import HandlerTransport
from tests.support.product_page import CREATE_FLOW

FLOW = CreateFlow.model_validate_json(CREATE_FLOW)


@pytest.mark.slow
def test_a_flow_from_its_first_draft_to_its_end(client: Client) -> None:
    made = client.flows.create(FLOW)
    assert (made.name, made.status, made.latest_version) == ("Temperature Alert", "draft", None)
    read = client.flows.get(made.id)
    assert read.definition.variables[0].value == "30"

    changed = client.flows.update(made.id, {"tags": ["hot"]}, etag=read.etag)
    assert (changed.tags, changed.name) == (["hot"], "Temperature Alert")
    assert changed.etag != read.etag
    body = UpdateFlow(name="Other", description="", tags=(), definition=FLOW.definition)
    with pytest.raises(ApiError, match="HTTP 412"):
        client.flows.replace(made.id, body, etag=read.etag)
    with pytest.raises(ApiError, match="HTTP 422"):
        client.flows.replace(made.id, UpdateFlow(name="Other", definition=FLOW.definition))
    client.flows.replace(made.id, body, etag=changed.etag)

    assert client.flows.publish(made.id).latest_version == 1
    assert client.flows.draft(made.id).status == "draft"
    assert client.flows.publish(made.id).latest_version == 2
    assert client.flows.version(made.id, 1).definition == client.flows.get(made.id).definition
    assert [each.version for each in client.flows.versions(made.id) if each.version] == [2, 1]
    assert client.flows.archive(made.id).status == "archived"
    assert client.flows.restore(made.id).status == "published"
    client.flows.delete(made.id)
    with pytest.raises(ApiError) as gone:
        client.flows.get(made.id)
    assert (gone.value.status, gone.value.code) == (404, "not-found")
    events = [getattr(event, "type", None) for event in client.flows.events(made.id)]
    assert events[:2] == ["created", "updated"]
    assert events[-3:] == ["archived", "restored", "deleted"]


def test_a_list_goes_on_page_after_page_with_its_filters(client: Client, transport: HandlerTransport) -> None:
    made = [client.flows.create(FLOW).id for _ in range(3)]
    client.flows.update(made[1], {"tags": ["other"]})
    transport.requests.clear()
    query = ListFlows(limit=1, tag="alerts")
    found = [each.id for each in client.flows.list(query) if isinstance(each, FlowSummary)]
    assert found == [made[2], made[0]]
    asked = [dict(request.url.params) for request in transport.requests]
    assert len(asked) >= 2
    assert {(each["limit"], each["tag"]) for each in asked} == {("1", "alerts")}
    assert "cursor" not in asked[0]
    assert all(each["cursor"] for each in asked[1:])


def test_a_page_holds_as_many_as_it_may_where_nobody_says(client: Client, transport: HandlerTransport) -> None:
    assert list(client.flows.list()) == []
    assert dict(transport.requests[0].url.params) == {"limit": "100"}


def test_what_is_refused_says_each_fault(client: Client) -> None:
    draft = client.flows.create(CreateFlow(name="Empty"))
    with pytest.raises(ApiError) as refused:
        client.flows.publish(draft.id)
    assert (refused.value.status, refused.value.code) == (422, "invalid-request")
    assert [fault.pointer for fault in refused.value.errors] == ["/definition/nodes"]
    assert "/definition/nodes: " in str(refused.value)
    assert refused.value.request_id


@pytest.mark.parametrize("flow_id", ["", ".", ".."])
def test_what_would_be_another_path_is_never_sent(client: Client, transport: HandlerTransport, flow_id: str) -> None:
    with pytest.raises(InvalidArgument):
        client.flows.delete(flow_id)
    assert transport.requests == []


def test_an_id_stays_one_part_of_the_path(client: Client, transport: HandlerTransport) -> None:
    with pytest.raises(ApiError, match="there is no flow"):
        client.flows.publish("a/b?c")
    assert transport.requests[0].url.raw_path == b"/api/v1/flows/a%2Fb%3Fc/publish"
