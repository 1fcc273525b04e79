"""How a tab tells of its health: what is added to it in Node-RED, and what is read back.

A ``catch``, a ``status`` and a ``complete`` node listen to the tab, and functions keep what they say in the tab's
context (in memory), where the agent reads it by ``GET /context/flow/{tab}/edgeflow``. The other ways were left:

- the editor's websocket ``/comms`` tells of statuses, but not of errors, and needs a websocket client;
- an ``http in`` node would be an address on the device that anybody may ask, under ``httpNodeRoot``, with a secret of
  its own, and gone where ``httpNodeRoot`` is false.

The context is behind the same admin API, with the same token, as the flows. It is asked once a second, so a change of
health is heard of that much later; nothing is lost in between, for failures are counted in Node-RED.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from edge_agent.flows.node_red.client import Item
from edge_agent.flows.node_red.items import as_json, function
from edge_agent.flows.node_red.names import TabName

CONTEXT_KEY: Final = "edgeflow"
MAX_UNWELL: Final = 50
"""Of more nodes that are not well, little is kept of why."""
MAX_SHORT: Final = 40
MAX_KEPT_FAILURES: Final = 100
"""More failures than this between two looks are counted, not told one by one."""
MAX_TEXT: Final = 400
"""Node-RED cuts strings at 1,000 when its context is read; a report takes 512."""

_PART = ":monitor"  # no node id of a definition and no id of a Node-RED has this form

_ON_START = f"""\
const state = {{run: Date.now() + "-" + Math.random(), unwell: {{}}, failures: [], sent: {{}}}};
const Script = Object.getPrototypeOf(async function () {{}}).constructor;
for (const [id, texts] of Object.entries(scripts)) {{
    for (const text of texts) {{
        try {{
            new Script("msg", "__send__", "__done__", "var node;\\n" + text);
        }} catch (error) {{
            state.unwell["error:" + id] = {{id, kind: "error", text: String(error).slice(0, {MAX_TEXT})}};
        }}
    }}
}}
state.failures = Object.values(state.unwell).slice(0, {MAX_KEPT_FAILURES});
state.count = state.failures.length;
flow.set("{CONTEXT_KEY}", state);
"""
"""Node-RED tells of a function that cannot even be read in its log alone, so each is read (not run) here, too."""

_REMEMBER = f"""\
const state = flow.get("{CONTEXT_KEY}");
if (!state) {{ return null; }}
const before = Object.fromEntries(Object.entries(state.unwell).map(([key, entry]) => [key, entry.text]));
const differs = ([key, entry]) => before[key] !== entry.text;
function fail(kind, source, text) {{
    const key = kind + ":" + source.id;
    const others = Object.keys(state.unwell).filter((each) => each !== key).length;
    const longest = others < {MAX_UNWELL} ? {MAX_TEXT} : {MAX_SHORT};
    const entry = {{id: source.id, kind, text: String(text).slice(0, longest), message: msg._msgid}};
    if (!(key in state.unwell)) {{
        state.count += 1;
        state.failures.push(entry);
        state.failures.splice(0, state.failures.length - {MAX_KEPT_FAILURES});
    }}
    state.unwell[key] = entry;
}}
"""

_COUNT: Final = f"""\
const state = flow.get("{CONTEXT_KEY}");
if (!state) {{ return null; }}
state.sent[node.id] = (state.sent[node.id] || 0) + 1;
flow.set("{CONTEXT_KEY}", state);
return null;
"""

_KEEP: Final = f"""\
flow.set("{CONTEXT_KEY}", state);
return Object.entries(state.unwell).some(differs) || Object.keys(before).length > Object.keys(state.unwell).length
    ? {{payload: null}} : null;
"""
"""Only a change is passed on: who hears of it has done a message thereby, of which the monitor hears again."""

_HEARD: Final = {
    "catch": """\
fail("error", msg.error.source, msg.error.message);
""",
    "status": """\
const status = msg.status;
if (status.fill === "red") { fail("status", status.source, status.text || "shows a red status"); }
else if (!["blue", "yellow", "grey"].includes(status.fill)) { delete state.unwell["status:" + status.source.id]; }
// In these colours a node is at something, tries again, or rests: that says nothing of how its last attempt ended.
""",
    "complete": """\
// A node that has done another message than the one it failed with works again.
const key = "error:" + msg.complete.source.id;
if (state.unwell[key] && state.unwell[key].message !== msg._msgid) { delete state.unwell[key]; }
""",
}
"""What is done when a listener of this type hears something. Each has a function of its own, for the messages that pass
may carry an ``error`` or ``complete`` of earlier."""


def keeper_of(name: TabName, kind: str) -> str:
    """Return the id of the function that keeps what the listener of this type hears; ``catch`` nodes tell it, too."""
    return name.item(_PART, f"{kind} keeper")


def monitor_items(
    name: TabName, watched: Collection[str], scripts: Mapping[str, Sequence[str]], told: Sequence[str] = ()
) -> list[Item]:
    """Return the nodes that listen to a tab; ids are those in Node-RED.

    Of the ``watched`` nodes they hear that work is done; ``scripts`` are the texts of the functions in the tab; items
    that are to be ``told`` get a message whenever some node's health has changed.

    A failure that a ``catch`` node of the flow's author takes care of is none: these nodes hear of the rest.
    """
    on_start = f"const scripts = {as_json(scripts)};\n{_ON_START}"
    scopes: dict[str, Item] = {
        "catch": {"scope": None, "uncaught": True},
        "status": {"scope": None},
        "complete": {"scope": sorted(watched), "uncaught": False},
    }
    items: list[Item] = []
    for row, (kind, heard) in enumerate(_HEARD.items(), start=1):
        keeper = keeper_of(name, kind)
        place = {"z": name.tab_id, "y": 40 * row}
        items += [
            {"id": name.item(_PART, kind), "type": kind, "name": "EdgeFlow", **scopes[kind], **place}
            | {"x": 140, "wires": [[keeper]]},
            function(keeper, f"EdgeFlow: health ({kind})", _REMEMBER + heard + _KEEP, outputs=1)
            | {"initialize": on_start if kind == "catch" else "", **place, "x": 400, "wires": [list(told)]},
        ]
    return items


def counter_of(node_id: str) -> str:
    """Return what stands for the counter of a node's messages wherever a node's id would: no node has such an id."""
    return f":sent:{node_id}"


def counter_items(name: TabName, counted: Collection[str]) -> list[Item]:
    """Return a function for each of these nodes that counts the messages which are wired to it."""
    return [
        function(name.item(counter_of(node_id)), f"EdgeFlow: messages of {node_id}", _COUNT, outputs=0)
        | {"z": name.tab_id, "x": 700, "y": 40 * row, "wires": []}
        for row, node_id in enumerate(sorted(counted), start=1)
    ]


@dataclass(frozen=True, slots=True)
class Failure:
    """What a node told: its id in Node-RED, whether by an ``error`` or by its ``status``, and the text."""

    item_id: str
    kind: str
    text: str

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an entry; the id of a node in a subflow is that of the subflow's instance."""
        item_id = str(told.get("id")).partition("-")[0]
        return cls(item_id, str(told.get("kind")), str(told.get("text")))


@dataclass(frozen=True, slots=True)
class TabState:
    """What a tab told.

    Attributes:
        run: another one whenever the tab was started anew.
        count: failures since then.
        failures: the latest of them, in order.
        unwell: nodes that are not well now.
        sent: messages that counters have counted, by the counters' ids in Node-RED.
    """

    run: str
    count: int
    failures: tuple[Failure, ...]
    unwell: tuple[Failure, ...]
    sent: Mapping[str, int]

    @classmethod
    def read(cls, told: object) -> Self | None:
        """Read a tab's context; None while the tab has not started."""
        match told:
            case {
                "run": str(run),
                "count": int(count),
                "failures": list(failures),
                "unwell": dict(unwell),
                "sent": dict(sent),
            }:
                now = tuple(map(Failure.read, unwell.values()))
                return cls(run, count, tuple(map(Failure.read, failures)), now, sent)
            case _:
                return None

    def failures_after(self, before: Self | None) -> tuple[Failure, ...]:
        """Return the failures that an earlier look did not see."""
        new = self.count - before.count if before is not None and before.run == self.run else self.count
        return self.failures[-new:] if new > 0 else ()
