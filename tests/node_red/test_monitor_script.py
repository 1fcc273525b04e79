"""What the functions that listen to a tab make of what they hear: evidence, as on the built-in runtime."""

import json
import subprocess
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.flows.node_red.monitor import MAX_UNWELL, TabState, monitor_items
from edge_agent.flows.node_red.names import TabName

_RUNNER: Final = """
const {functions, stories} = JSON.parse(require("fs").readFileSync(0));
const told = stories.map((story) => {
    const kept = {};
    const flow = {get: (key) => kept[key], set: (key, value) => { kept[key] = value; }};
    new Function("flow", functions.initialize)(flow);
    return story.map(([kind, msg]) => {
        new Function("msg", "flow", "node", functions[kind])(msg, flow, {id: "keeper"});
        return JSON.parse(JSON.stringify(kept.edgeflow));
    });
});
process.stdout.write(JSON.stringify(told));
"""
_NAME: Final = TabName("edgeflow_00000000_1")

Event = tuple[str, dict[str, Any]]


def _hear(stories: list[list[Event]]) -> list[list[TabState]]:
    """Return what a tab tells after each event, for each story by itself."""
    items = monitor_items(_NAME, ["a", "b"], {})
    functions = {
        kind: next(item["func"] for item in items if item["type"] == "function" and f"({kind})" in item["name"])
        for kind in ("catch", "status", "complete")
    }
    functions["initialize"] = next(item["initialize"] for item in items if item.get("initialize"))
    done = subprocess.run(  # noqa: S603  the Node.js that runs Node-RED
        ["node", "-e", _RUNNER],  # noqa: S607  as above
        input=json.dumps({"functions": functions, "stories": stories}),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    read = [[TabState.read(state) for state in story] for story in json.loads(done.stdout)]
    return [[state for state in story if state is not None] for story in read]


def _error(item_id: str, message: str = "m1") -> Event:
    return "catch", {"_msgid": message, "error": {"message": "it broke", "source": {"id": item_id}}}


def _complete(item_id: str, message: str) -> Event:
    return "complete", {"_msgid": message, "complete": {"source": {"id": item_id}}}


def _status(item_id: str, **status: str) -> Event:
    return "status", {"status": {"text": "it shows this", "source": {"id": item_id}, **status}}


def test_a_red_status_stays_a_fault_while_the_node_only_tries_again() -> None:
    always_red = [
        _status("a", fill="red"),
        _status("a", fill="blue"),
        _status("a", fill="yellow"),
        _status("a", fill="grey"),
    ]
    [told] = _hear([[*always_red, *always_red, _status("a")]])
    assert [len(state.unwell) for state in told] == [1] * 8 + [0]
    assert told[-1].count == 1, "it was never well in between"


def test_more_failing_nodes_than_are_told_in_full_are_all_remembered() -> None:
    many = MAX_UNWELL + 10
    [told] = _hear([[_error(f"n{i}") for i in range(many)] + [_complete(f"n{i}", "m2") for i in range(MAX_UNWELL)]])
    assert len(told[many - 1].unwell) == many
    assert len(told[-1].unwell) == 10, "these have not worked since"


_ITEMS: Final = st.sampled_from(["a", "b"])
_MESSAGES: Final = st.sampled_from(["m1", "m2", "m3"])
_EVENTS: Final = st.one_of(
    st.builds(_error, _ITEMS, _MESSAGES),
    st.builds(_complete, _ITEMS, _MESSAGES),
    st.builds(
        lambda item_id, fill: _status(item_id, fill=fill), _ITEMS, st.sampled_from(["red", "green", "blue", "grey"])
    ),
)


def _expected(story: list[Event]) -> set[tuple[str, str]]:
    failing: dict[tuple[str, str], str] = {}
    for kind, msg in story:
        item_id = (msg.get("error") or msg.get("complete") or msg["status"])["source"]["id"]
        if kind == "catch":
            failing["error", item_id] = msg["_msgid"]
        elif kind == "complete" and failing.get(("error", item_id)) != msg["_msgid"]:
            failing.pop(("error", item_id), None)
        elif kind == "status" and msg["status"]["fill"] == "red":
            failing["status", item_id] = ""
        elif kind == "status" and msg["status"]["fill"] == "green":
            failing.pop(("status", item_id), None)
    return set(failing)


@settings(max_examples=15, deadline=None)
@given(stories=st.lists(st.lists(_EVENTS, min_size=1, max_size=15), min_size=1, max_size=20))
def test_whose_last_attempt_failed_is_unwell_and_whose_last_succeeded_is_not(stories: list[list[Event]]) -> None:
    for story, told in zip(stories, _hear(stories), strict=True):
        for length, state in enumerate(told, start=1):
            assert {(each.kind, each.item_id) for each in state.unwell} == _expected(story[:length])
