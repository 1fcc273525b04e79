"""HEAD: whatever can be read is answered with the same status and headers, and without its body."""

import pytest

from api.paths import ROUTES, methods_of, taken_by
from tests.support.rest import Rest

IDS = {"<flow_id>": "flow_1", "<deployment_id>": "dep_1", "<device_id>": "dev_001", "<version>": "1"}


def _path(route: str) -> str:
    for name, value in IDS.items():
        route = route.replace(name, value)
    return route


@pytest.mark.parametrize("route", [route for route, methods in ROUTES.items() if "GET" in methods])
def test_head_is_answered_as_get_without_its_body(rest: Rest, route: str) -> None:
    told, headers_alone = (rest(method, _path(route)) for method in ("GET", "HEAD"))
    assert told.text
    assert (headers_alone.status, headers_alone.text) == (told.status, "")
    assert headers_alone.headers == told.headers


def test_head_of_what_is_known_is_not_modified(rest: Rest) -> None:
    tag = rest("HEAD", "/v1/node-types").headers["ETag"]
    assert rest("HEAD", "/v1/node-types", headers={"If-None-Match": tag}).status == 304


def test_what_cannot_be_read_has_no_headers_to_ask_for(rest: Rest) -> None:
    refused = rest("HEAD", "/v1/flows/flow_1/publish")
    assert (refused.status, refused.headers["Allow"], refused.text) == (405, "OPTIONS, POST", "")
    assert methods_of(taken_by("/v1/flows")) == ["GET", "HEAD", "OPTIONS", "POST"]
