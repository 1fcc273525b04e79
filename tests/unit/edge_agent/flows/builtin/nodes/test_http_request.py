"""``http_request`` with a real server on loopback."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from edge_agent.flows.builtin.io import IoLoop
from edge_agent.flows.builtin.nodes.debug import DebugNode
from edgeflow.contract.nodes.http_request import MAX_ANSWER_BYTES, HttpRequestSettings
from tests.support.site import Site
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.builtin.bench import PATIENCE_SECONDS, Bench, chain, node


def _bench(
    io: IoLoop,
    payload: object,
    *,
    muted: bool = False,
    allow_loopback: bool = True,
    **settings: Any,  # noqa: ANN401  any setting
) -> Bench:
    definition = chain(
        node("in", "inject", payload=payload), node("ask", "http_request", **settings), node("out", "debug")
    )
    return Bench(definition, io=io, muted=lambda: muted, allow_loopback=allow_loopback)


def _answer(bench: Bench) -> Any:  # noqa: ANN401  any payload
    debug = bench.flow.node("out")
    assert isinstance(debug, DebugNode)
    return wait_for(lambda: next(iter(debug.messages), None), what="an answer came", seconds=PATIENCE_SECONDS)


def _error(bench: Bench) -> str:
    return wait_for(lambda: bench.errors().get("ask"), what="the node complains", seconds=PATIENCE_SECONDS)


def test_an_answer_is_sent_on_with_its_status(site: Site, io: IoLoop) -> None:
    with _bench(io, "hall 3/a", url=f"{site.address}/rooms/{{payload}}", headers={"X-Key": "k"}) as bench:
        message = _answer(bench)
    assert (message.payload, message.metadata["status"]) == ({"ok": True}, "200")
    (asked,) = site.asked
    assert (asked.method, asked.path, asked.headers["X-Key"]) == ("GET", "/rooms/hall%203%2Fa", "k")


def test_a_payload_is_posted_as_json(site: Site, io: IoLoop) -> None:
    with _bench(io, {"t": 21.5}, url=site.address, method="POST", format="text") as bench:
        assert _answer(bench).payload == '{"ok": true}'
    (asked,) = site.asked
    assert json.loads(asked.body) == {"t": 21.5}
    assert asked.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "answer", "complaint"),
    [
        ("/gone", (404, b""), "answers with HTTP 404"),
        ("/text", (200, b"hello"), "is not JSON"),
        ("/long", (200, b" " * (MAX_ANSWER_BYTES + 1)), f"more than {MAX_ANSWER_BYTES} bytes"),
        ("/away", (302, b"file:///etc/passwd"), "answers with HTTP 302"),
        ("/ftp", (302, b"ftp://127.0.0.1/x"), "no HTTP address"),
    ],
)
def test_an_answer_that_cannot_be_used_is_the_node_s_fault(
    site: Site, io: IoLoop, path: str, answer: tuple[int, bytes], complaint: str
) -> None:
    site.answers[path] = answer
    with _bench(io, 1, url=site.address + path) as bench:
        assert complaint in _error(bench)


def test_nobody_there_is_the_node_s_fault(io: IoLoop) -> None:
    with _bench(io, 1, url="http://127.0.0.1:9/") as bench:
        assert "got no answer" in _error(bench)


@pytest.mark.slow
def test_an_answer_that_is_not_whole_in_time_is_the_node_s_fault(site: Site, io: IoLoop) -> None:
    site.silent.add("/never")
    site.dripping.add("/drips")
    for path in ("/never", "/drips"):
        with _bench(io, 1, url=site.address + path, timeout="1s") as bench:
            assert _error(bench) == f"GET {site.address}{path} got no whole answer within 1 s."


def test_a_version_that_stands_by_reads_but_changes_nothing(site: Site, io: IoLoop) -> None:
    with (
        _bench(io, 1, url=site.address + "/write", method="POST", muted=True) as writing,
        _bench(io, 1, url=site.address + "/read", muted=True) as reading,
    ):
        _answer(reading)
        assert writing.errors() == {}
    assert [asked.path for asked in site.asked] == ["/read"]


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "file:///etc/passwd"},
        {"url": "http://"},
        {"url": "http://x/", "timeout": "3m"},
        {"url": "http://x/", "headers": {"A": "b\r\nC: d"}},
        {"url": "http://x/", "headers": {"A b": "c"}},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HttpRequestSettings.model_validate(settings)


def test_the_device_itself_is_asked_only_where_its_settings_allow_it(site: Site, io: IoLoop) -> None:
    with _bench(io, 1, url=site.address, allow_loopback=False) as bench:
        assert "allow_loopback" in _error(bench)
    assert site.asked == []


@pytest.mark.parametrize("allow_loopback", [True, False])
@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "[::ffff:169.254.169.254]",
        "[fe80::1%25lo]",
    ],
)
def test_metadata_is_never_asked_however_its_address_is_written(io: IoLoop, host: str, *, allow_loopback: bool) -> None:
    with _bench(io, 1, url=f"http://{host}/latest/meta-data/", allow_loopback=allow_loopback) as bench:
        assert "metadata address" in _error(bench)


def test_metadata_is_not_asked_by_a_payload_in_the_address(io: IoLoop) -> None:
    with _bench(io, "169.254.169.254", url="http://{payload}/") as bench:
        assert "metadata address" in _error(bench)


def test_metadata_is_not_asked_by_a_redirect(site: Site, io: IoLoop) -> None:
    site.answers["/away"] = (302, b"http://169.254.169.254/latest/meta-data/")
    with _bench(io, 1, url=site.address + "/away") as bench:
        assert "metadata address" in _error(bench)
