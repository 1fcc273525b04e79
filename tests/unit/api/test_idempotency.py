"""``Idempotency-Key``: one request, one effect, one answer."""

import json
from random import Random

import pytest

from edgeflow.adapters.table import Table
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest

KEY = {"Idempotency-Key": "order-1"}


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(rest: Rest) -> None:
    first = rest("POST", "/v1/flows", CREATE_FLOW, headers=KEY)
    again = rest("POST", "/v1/flows", CREATE_FLOW, headers=KEY)
    assert (again.status, again.body, again.headers["ETag"]) == (201, first.body, first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(rest("GET", "/v1/flows").body["flows"]) == 1


def test_without_a_key_each_request_counts(rest: Rest) -> None:
    rest("POST", "/v1/flows", CREATE_FLOW)
    rest("POST", "/v1/flows", CREATE_FLOW)
    assert len(rest("GET", "/v1/flows").body["flows"]) == 2


def test_another_body_under_the_same_key_is_refused(rest: Rest) -> None:
    rest("POST", "/v1/flows", CREATE_FLOW, headers=KEY)
    refused = rest("POST", "/v1/flows", {"name": "Other"}, headers=KEY)
    assert (refused.status, refused.body["code"]) == (422, "idempotency-key-reused")


def test_one_body_however_it_is_written(rest: Rest) -> None:
    first = rest("POST", "/v1/flows", '{"name": "A", "tags": ["t"]}', headers=KEY)
    again = rest("POST", "/v1/flows", '{ "tags":["t"],\n"name":"A" }', headers=KEY)
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_order_of_a_list_is_part_of_a_body(rest: Rest) -> None:
    rest("POST", "/v1/flows", {"name": "A", "tags": ["t", "u"]}, headers=KEY)
    refused = rest("POST", "/v1/flows", {"name": "A", "tags": ["u", "t"]}, headers=KEY)
    assert (refused.status, refused.body["code"]) == (422, "idempotency-key-reused")


@pytest.mark.parametrize("action", ["publish", "archive", "draft", "restore"])
def test_a_key_on_one_flow_does_nothing_to_a_request_on_another(rest: Rest, action: str) -> None:
    before = {"publish": (), "archive": (), "draft": ("publish",), "restore": ("archive",)}[action]
    flows = [rest("POST", "/v1/flows", CREATE_FLOW).body["id"] for _ in range(2)]
    for flow_id in flows:
        for step in before:
            rest("POST", f"/v1/flows/{flow_id}/{step}")
    answers = [rest("POST", f"/v1/flows/{flow_id}/{action}", headers=KEY) for flow_id in flows]
    assert [answer.body["id"] for answer in answers] == flows
    assert all("Idempotency-Replayed" not in answer.headers for answer in answers)
    again = [rest("POST", f"/v1/flows/{flow_id}/{action}", headers=KEY) for flow_id in flows]
    assert [(answer.status, answer.body, answer.headers["ETag"]) for answer in again] == [
        (answer.status, answer.body, answer.headers["ETag"]) for answer in answers
    ]
    assert all(answer.headers["Idempotency-Replayed"] == "true" for answer in again)


def test_a_path_is_the_same_wherever_the_api_is_mounted(rest: Rest) -> None:
    flow_id = rest("POST", "/v1/flows", CREATE_FLOW).body["id"]
    rest("POST", f"/v1/flows/{flow_id}/publish", headers=KEY)
    again = Rest(prefix="/api")("POST", f"/v1/flows/{flow_id}/publish", headers=KEY)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_another_precondition_under_the_same_key_is_refused(rest: Rest) -> None:
    made = rest("POST", "/v1/flows", CREATE_FLOW)
    path = f"/v1/flows/{made.body['id']}/publish"
    rest("POST", path, headers={**KEY, "If-Match": made.headers["ETag"]})
    refused = rest("POST", path, headers={**KEY, "If-Match": '"7"'})
    assert (refused.status, refused.body["code"]) == (422, "idempotency-key-reused")


def test_keys_of_other_callers_and_routes_are_other_keys(rest: Rest) -> None:
    rest("POST", "/v1/flows", CREATE_FLOW, headers=KEY)
    assert "Idempotency-Replayed" not in Rest(caller="another")("POST", "/v1/flows", CREATE_FLOW, headers=KEY).headers
    assert rest("POST", "/v1/devices", {"device_id": "dev_001"}, headers=KEY).status == 201
    assert len(rest("GET", "/v1/flows").body["flows"]) == 2


def test_a_first_request_that_is_not_answered_yet_is_waited_for(rest: Rest, table: Table) -> None:
    rest("POST", "/v1/flows", CREATE_FLOW, headers=KEY)
    (record,) = table.query_all("IDEMPOTENCY")
    started = {":status": "INPROGRESS", ":until": 4_102_444_800_000}
    table.update(
        (record["pk"], record["sk"]),
        "SET #status = :status, in_progress_expiration = :until",
        values=started,
        names={"#status": "status"},
    )
    refused = rest("POST", "/v1/flows", CREATE_FLOW, headers=KEY)
    assert (refused.status, refused.body["code"]) == (409, "idempotency-key-in-use")


@pytest.mark.parametrize(
    "flaw",
    [{"status": "ANSWERED"}, {"data": "{"}, {"data": "[]"}, {"data": '{"status": 201, "headers": {}, "body": "AAAA"}'}],
)
def test_what_was_kept_and_is_damaged_is_neither_told_nor_done_again(
    rest: Rest, table: Table, flaw: dict[str, str]
) -> None:
    rest("POST", "/v1/flows", CREATE_FLOW, headers=KEY)
    (record,) = table.query_all("IDEMPOTENCY")
    table.put({**record, **flaw})
    refused = rest("POST", "/v1/flows", CREATE_FLOW, headers=KEY)
    assert (refused.status, refused.body["code"]) == (409, "unreadable-record")
    assert "use another key" in refused.body["detail"]
    assert len(rest("GET", "/v1/flows").body["flows"]) == 1


def test_a_refused_request_leaves_its_key_free(rest: Rest) -> None:
    rest("POST", "/v1/devices", {"device_id": "dev_001"})
    assert rest("POST", "/v1/devices", {"device_id": "dev_001"}, headers=KEY).status == 409
    assert rest("DELETE", "/v1/devices/dev_001").status == 204
    assert rest("POST", "/v1/devices", {"device_id": "dev_001"}, headers=KEY).status == 201


@pytest.mark.slow
def test_a_private_key_is_told_once_and_never_kept(rest: Rest, table: Table) -> None:
    first = rest("POST", "/v1/devices", {"device_id": "dev_001"}, headers=KEY)
    again = rest("POST", "/v1/devices", {"device_id": "dev_001"}, headers=KEY)
    assert "PRIVATE KEY" in first.body["private_key"]
    assert "private_key" not in again.body
    assert again.body == {name: value for name, value in first.body.items() if name != "private_key"}
    (record,) = table.query_all("IDEMPOTENCY")
    assert "PRIVATE KEY" not in json.dumps(record)
    assert record["expires_at"] > 0


def test_the_answer_with_the_biggest_flow_fits_into_one_item(rest: Rest, table: Table) -> None:
    random = Random(1)  # noqa: S311  any text that does not compress well
    text = "".join(random.choice('"\\/\u00e4\u4e2d\U0001f600abc') for _ in range(135_000))
    body = {"name": "Big", "definition": {"nodes": [{"id": "n1", "type": "debug", "config": {"text": text}}]}}
    first = rest("POST", "/v1/flows", body, headers=KEY)
    assert first.status == 201
    assert len(first.text.encode()) > 240_000
    again = rest("POST", "/v1/flows", body, headers=KEY)
    assert (again.status, again.body) == (201, first.body)
    (record,) = table.query_all("IDEMPOTENCY")
    assert len(json.dumps(record)) < 400_000


def test_an_empty_key_is_refused(rest: Rest) -> None:
    refused = rest("POST", "/v1/flows", CREATE_FLOW, headers={"Idempotency-Key": " "})
    assert list(refused.faults) == ["Idempotency-Key"]
