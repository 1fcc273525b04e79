"""The product page's flow requests, verbatim, in the order of its page."""

from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest


def test_the_page_of_flows_works_as_printed(rest: Rest) -> None:
    created = rest("POST", "/v1/flows", CREATE_FLOW)
    assert created.status == 201
    flow_id = created.body["id"]
    assert flow_id.startswith("flow_")
    assert created.body["status"] == "draft"
    assert created.headers["Location"] == f"/api/v1/flows/{flow_id}"

    published = rest("POST", f"/v1/flows/{flow_id}/publish")
    assert (published.status, published.body["status"], published.body["latest_version"]) == (200, "published", 1)

    listed = rest("GET", "/v1/flows")
    assert [flow["id"] for flow in listed.body["flows"]] == [flow_id]
    assert listed.body["next_cursor"] is None

    refused = rest("PUT", f"/v1/flows/{flow_id}", CREATE_FLOW)
    assert refused.status == 409
    assert "is published" in refused.body["detail"]
    assert "/draft" in refused.body["detail"]

    assert rest("POST", f"/v1/flows/{flow_id}/draft").body["status"] == "draft"
    assert rest("PUT", f"/v1/flows/{flow_id}", CREATE_FLOW).status == 200
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == 204
    assert rest("GET", f"/v1/flows/{flow_id}").status == 404
