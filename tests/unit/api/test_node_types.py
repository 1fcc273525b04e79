"""The list of node types over REST."""

from edgeflow.contract.nodes.kinds import KINDS
from tests.support.rest import Rest


def test_every_type_is_listed_with_what_an_editor_needs(rest: Rest) -> None:
    answer = rest("GET", "/v1/node-types")
    assert answer.status == 200
    found = {node_type["type"]: node_type for node_type in answer.body["node_types"]}
    assert set(found) == set(KINDS)
    dht = found["dht"]
    assert (dht["inputs"], dht["outputs"], dht["runtimes"]) == (0, 1, ["builtin", "node-red"])
    assert dht["settings"]["properties"]["interval"]["default"] == "1s"
    assert found["gpio_out"]["runtimes"] == ["builtin"]
    assert found["node-red"]["runtimes"] == ["node-red"]
    assert found["switch"]["outputs"] is None


def test_it_may_be_kept_for_a_while_and_is_sent_once(rest: Rest) -> None:
    first = rest("GET", "/v1/node-types")
    assert first.headers["Cache-Control"] == "private, max-age=300"
    again = rest("GET", "/v1/node-types", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "private, max-age=300"
