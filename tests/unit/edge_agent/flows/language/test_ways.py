"""How long a flow needs to fail: what it is made of, and what holds for any graph."""

from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.builtin.nodes.base import DEFAULT_TIMEOUT_SECONDS, AsyncNode
from edge_agent.flows.language.nodes import NODE_KINDS
from edge_agent.flows.language.proof import MAX_PROOF_SECONDS, Proof
from edge_agent.flows.language.ways import TOLD_SECONDS, Configured, prove
from edgeflow.contract.flow import Connection, Definition, Node
from edgeflow.contract.health_checks import CommandCheck, EmittedCheck, HttpCheck
from edgeflow.contract.nodes.base import ACKNOWLEDGED_WITHIN_SECONDS, NodeSettings
from edgeflow.contract.nodes.kind import NodeKind

URL: Final = "https://plant.test/"
SLOW: Final = ("http_request", {"url": URL, "timeout": "60s"})

Part = tuple[str, dict[str, Any]]


def configured(definition: Definition) -> dict[str, Configured]:
    """Return the nodes of a flow as a runtime has them."""
    return {
        node.id: (NODE_KINDS[node.type], NODE_KINDS[node.type].settings_type.model_validate(node.config))
        for node in definition.nodes
    }


def needs(*parts: Part, joined: str | None = None, checks: tuple[Any, ...] = ()) -> Proof:
    """Return what a flow needs whose nodes, ``n0`` and so on, are joined one after the other, or as ``joined`` says."""
    nodes = tuple(Node(id=f"n{place}", type=type_, config=config) for place, (type_, config) in enumerate(parts))
    pairs = [f"{place}>{place + 1}" for place in range(len(parts) - 1)] if joined is None else joined.split()
    ends = (pair.split(">") for pair in pairs)
    connections = tuple(Connection(source=f"n{source}", target=f"n{target}") for source, target in ends)
    definition = Definition(nodes=nodes, connections=connections, health_checks=checks)
    return prove(definition, configured(definition))


def inject(**config: Any) -> Part:  # noqa: ANN401  settings
    return "inject", config


AT_ONCE: Final = Proof()


@pytest.mark.parametrize(
    ("parts", "joined", "started", "switched"),
    [
        pytest.param([inject(), ("debug", {})], None, 0, 0, id="what is done at once needs nothing"),
        pytest.param([inject(), SLOW], None, 60, 60, id="a request needs its whole time-out"),
        pytest.param([inject(interval="20s"), SLOW], None, 60, 80, id="after a switch the next turn counts"),
        pytest.param([inject(interval="20s", once=False), SLOW], None, 80, 80, id="the first one comes late"),
        pytest.param([("dht", {"interval": "9s"}), ("debug", {})], None, 0, 9, id="a sensor is read at once"),
        pytest.param([inject(), SLOW, SLOW], None, 120, 120, id="one after the other"),
        pytest.param([inject(), SLOW, SLOW], "0>1 0>2", 60, 60, id="beside each other"),
        pytest.param(
            [inject(interval="9s", once=False), inject(), ("debug", {}), SLOW], "0>2 1>3", 60, 60, id="the longest way"
        ),
        pytest.param([inject(), ("delay", {"time": "40s"}), SLOW], None, 100, 100, id="a delay on the way"),
        pytest.param(
            [inject(), ("delay", {"mode": "random", "time": "1s", "at_most": "30s"}), SLOW], None, 90, 90, id="at most"
        ),
        pytest.param(
            [inject(), ("delay", {"mode": "rate", "time": "1h"}), SLOW], None, 60, 60, id="the first passes a rate"
        ),
        pytest.param([("mqtt_in", {}), SLOW], None, 0, 0, id="nobody knows when a message comes"),
        pytest.param([("status", {}), SLOW], None, 0, 0, id="nor when health changes"),
        pytest.param([SLOW], None, 0, 0, id="what gets no messages does nothing"),
        pytest.param([inject(), ("mqtt_out", {})], None, 0, 0, id="qos 0 is gone at once"),
        pytest.param(
            [inject(), ("mqtt_out", {"qos": 1})],
            None,
            ACKNOWLEDGED_WITHIN_SECONDS,
            ACKNOWLEDGED_WITHIN_SECONDS,
            id="qos 1 is acknowledged in time",
        ),
        pytest.param(
            [inject(), SLOW, ("link_out", {}), ("link_in", {}), SLOW], "0>1 1>2 3>4", 120, 120, id="over a link"
        ),
        pytest.param(
            [inject(), ("link_out", {"link": "a"}), ("link_in", {"link": "b"}), SLOW],
            "0>1 2>3",
            0,
            0,
            id="not joined",
        ),
        pytest.param(
            [inject(), SLOW, ("catch", {"handled": True}), SLOW], "0>1 2>3", 120, 120, id="what makes up for a failure"
        ),
        pytest.param(
            [inject(), SLOW, ("catch", {"handled": True, "nodes": ["n0"]}), SLOW], "0>1 2>3", 60, 60, id="of others"
        ),
        pytest.param(
            [inject(), SLOW, ("catch", {}), SLOW], "0>1 2>3", 60, 60, id="a failure that counts has shown already"
        ),
        pytest.param([inject(), ("gpio_out", {"line": 4, "pulse": 2_500})], None, 2.5, 2.5, id="a pulse ends, too"),
        pytest.param([inject(), ("gpio_out", {"line": 4})], None, 0, 0, id="a level is set at once"),
        pytest.param([("gpio_in", {"line": 4}), SLOW], None, 60, 60, id="a level is told at the start"),
        pytest.param([("gpio_in", {"line": 4, "at_start": False}), SLOW], None, 0, 0, id="nobody knows of edges"),
        pytest.param([inject(), ("delay", {"time": "7d"})], None, MAX_PROOF_SECONDS, MAX_PROOF_SECONDS, id="no end"),
    ],
)
def test_what_a_flow_needs_to_fail(parts: list[Part], joined: str | None, started: float, switched: float) -> None:
    told = [min(each + TOLD_SECONDS, MAX_PROOF_SECONDS) if each else 0 for each in (started, switched)]
    assert needs(*parts, joined=joined) == Proof(started=told[0], switched=told[1])


@pytest.mark.parametrize(
    ("check", "seconds"),
    [
        (HttpCheck(name="a", type="http", url=URL, interval="20s", timeout="15s"), 35),
        (CommandCheck(name="a", type="command", command=("/bin/true",), interval="10s", timeout="5s"), 15),
        (EmittedCheck(name="a", type="emitted", node="n0", within="45s"), 45),
        (EmittedCheck(name="a", type="emitted", node="n0", within="1h"), MAX_PROOF_SECONDS - TOLD_SECONDS),
    ],
)
def test_a_health_check_that_has_passed_gets_the_time_to_fail(check: Any, seconds: float) -> None:  # noqa: ANN401  each kind
    assert needs(inject(), checks=(check,)).started == seconds + TOLD_SECONDS


def test_a_link_that_goes_round_ends() -> None:
    parts = [inject(), ("delay", {"time": "1s"}), ("link_out", {}), ("link_in", {})]
    assert needs(*parts, joined="0>1 1>2 3>1").started <= MAX_PROOF_SECONDS
    idle: list[Part] = [inject(), ("template", {"template": ""}), ("link_out", {}), ("link_in", {})]
    assert needs(*idle, joined="0>1 1>2 3>1") == AT_ONCE


def test_no_duration_in_the_settings_of_a_node_is_forgotten() -> None:
    """A kind with a duration says what it means for the time that it needs to begin or to fail."""
    with_durations = {
        name
        for name in NODE_KINDS
        for field in NODE_KINDS[name].settings_type.model_fields.values()
        if timedelta.__name__ in str(field.annotation)
    }
    says = {name for name in NODE_KINDS if {"seconds_to_fail", "seconds_to_begin"} & set(vars(NODE_KINDS[name]))}
    assert with_durations == {"delay", "dht", "http_request", "inject"}
    assert with_durations <= says


def test_the_agent_s_own_classes_need_what_their_kinds_say() -> None:
    for name in NODE_TYPES.built_in:
        for what in ("seconds_to_fail", "seconds_to_begin"):
            assert getattr(NODE_TYPES[name], what).__func__ is getattr(NODE_KINDS[name], what).__func__


class Nothing(NodeSettings):
    """No settings."""


class Waits(AsyncNode[Nothing]):
    """A node of a package that waits for something, and says no more."""

    settings_type = Nothing


class Odd(NodeKind[Nothing]):
    """A node of a package that says nonsense."""

    settings_type = Nothing
    says: Any = None

    @classmethod
    def seconds_to_fail(cls, settings: Nothing) -> float:  # noqa: ARG003  whatever they are
        if isinstance(cls.says, Exception):
            raise cls.says
        seconds: float = cls.says
        return seconds


PAIR: Final = Definition(
    nodes=(Node(id="in", type="inject"), Node(id="odd", type="odd")),
    connections=(Connection(source="in", target="odd"),),
)
BEGINS: Final[Configured] = (NODE_KINDS["inject"], NODE_KINDS["inject"].settings_type.model_validate({}))


def test_a_package_s_node_that_waits_gets_the_time_until_it_is_given_up() -> None:
    assert prove(PAIR, {"in": BEGINS, "odd": (Waits, Nothing())}).started == DEFAULT_TIMEOUT_SECONDS + TOLD_SECONDS


@pytest.mark.parametrize("says", [float("nan"), float("inf"), "soon", None, ValueError("no"), 1e9])
def test_a_package_s_node_that_says_nonsense_gets_all_the_time_there_is(says: object) -> None:
    kind = type("Said", (Odd,), {"says": says})
    assert prove(PAIR, {"in": BEGINS, "odd": (kind, Nothing())}).started == MAX_PROOF_SECONDS


def test_a_node_that_cannot_be_built_is_not_waited_for() -> None:
    assert prove(PAIR, {"in": BEGINS}) == AT_ONCE


SECONDS: Final = st.integers(1, 110)
PARTS: Final = st.one_of(
    st.builds(lambda each: inject(interval=f"{each}s"), SECONDS),
    st.builds(lambda each: inject(interval=f"{each}s", once=False), SECONDS),
    st.just(inject()),
    st.builds(lambda each: ("dht", {"interval": f"{each}s"}), SECONDS),
    st.builds(lambda each: ("delay", {"time": f"{each}s"}), SECONDS),
    st.builds(lambda each: ("http_request", {"url": URL, "timeout": f"{each}s"}), SECONDS),
    st.builds(lambda handled: ("catch", {"handled": handled}), st.booleans()),
    st.sampled_from([("mqtt_in", {}), ("link_in", {}), ("link_out", {}), ("debug", {}), ("mqtt_out", {"qos": 1})]),
)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Part], str]:
    """Draw any graph, also with circles and with messages for nodes that take none."""
    parts = draw(st.lists(PARTS, min_size=1, max_size=8))
    place = st.integers(0, len(parts) - 1)
    return parts, " ".join(
        f"{source}>{target}" for source, target in draw(st.lists(st.tuples(place, place), max_size=14))
    )


def longer(part: Part) -> Part:
    """Return a node with each of its times one second longer."""
    type_, config = part
    times = {key: f"{int(value[:-1]) + 1}s" for key, value in config.items() if key in {"interval", "time", "timeout"}}
    return type_, config | times


@given(graph=graphs(), at=st.integers(0, 7))
@settings(max_examples=300, deadline=None)
@pytest.mark.slow
def test_whatever_the_graph_the_need_is_bounded_and_grows_with_each_node_s_times(
    graph: tuple[list[Part], str], at: int
) -> None:
    parts, joined = graph
    need = needs(*parts, joined=joined)
    assert 0 <= need.started <= need.switched <= MAX_PROOF_SECONDS
    at %= len(parts)
    more = needs(*parts[:at], longer(parts[at]), *parts[at + 1 :], joined=joined)
    assert more.started >= need.started
    assert more.switched >= need.switched


@given(graph=graphs(), timeout=SECONDS, begins=SECONDS)
@settings(max_examples=200, deadline=None)
def test_whatever_else_is_in_the_flow_a_request_gets_its_whole_time_out(
    graph: tuple[list[Part], str], timeout: int, begins: int
) -> None:
    parts, joined = graph
    asks = ("http_request", {"url": URL, "timeout": f"{timeout}s"})
    first = len(parts)
    need = needs(
        *parts,
        inject(interval=f"{begins}s", once=False),
        asks,
        joined=f"{joined} {first}>{first + 1}",
    )
    assert need.started >= min(begins + timeout + TOLD_SECONDS, MAX_PROOF_SECONDS)
