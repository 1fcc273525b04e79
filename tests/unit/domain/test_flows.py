"""The rules of flows: which state may follow which, and what a graph must be."""

from dataclasses import replace

import pytest

from edgeflow.contract.flow import MAX_ARTIFACT_BYTES, Connection, Definition, Node, Variable, VariableType
from edgeflow.contract.health_checks import EmittedCheck, HttpCheck
from edgeflow.domain.errors import Conflict, InvalidRequest, PreconditionFailed
from edgeflow.domain.flows import (
    Action,
    Flow,
    FlowContent,
    FlowState,
    artifact_of,
    edited,
    graph_faults,
    moved,
    published,
    require_revision,
    sha256_of,
    unique_tags,
)

AT = "2026-02-21T12:00:00.000Z"
SOUND = Definition(
    nodes=(Node(id="n1", type="dht"), Node(id="n2", type="debug")),
    connections=(Connection(source="n1", target="n2"),),
    variables=(Variable(name="limit", type=VariableType.NUMBER, value="30"),),
)


def _flow(state: FlowState = FlowState.DRAFT, **changes: object) -> Flow:
    flow = Flow(
        id="flow_1",
        name="Alert",
        description="",
        tags=(),
        state=state,
        definition=SOUND,
        revision=4,
        created_at=AT,
        created_by="operator",
        updated_at=AT,
    )
    return replace(flow, **changes)  # type: ignore[arg-type]


def test_publishing_numbers_versions_from_one_upward() -> None:
    after, version, content = published(_flow(), by="operator", at=AT)
    assert (after.state, after.latest_version, after.revision) == (FlowState.PUBLISHED, 1, 5)
    assert (version.version, version.size, version.sha256) == (1, len(content), sha256_of(content))
    again = moved(after, Action.DRAFT, at=AT)
    assert published(again, by="operator", at=AT)[1].version == 2


def test_equal_definitions_have_equal_bytes() -> None:
    assert artifact_of(SOUND) == artifact_of(Definition.model_validate_json(SOUND.model_dump_json()))


@pytest.mark.parametrize("state", list(FlowState))
@pytest.mark.parametrize("action", [Action.DRAFT, Action.ARCHIVE, Action.RESTORE])
def test_moves_follow_the_picture(state: FlowState, action: Action) -> None:
    allowed = {
        (FlowState.PUBLISHED, Action.DRAFT): FlowState.DRAFT,
        (FlowState.DRAFT, Action.ARCHIVE): FlowState.ARCHIVED,
        (FlowState.PUBLISHED, Action.ARCHIVE): FlowState.ARCHIVED,
        (FlowState.ARCHIVED, Action.RESTORE): FlowState.PUBLISHED,
    }
    flow = _flow(state, archived_from=FlowState.PUBLISHED if state is FlowState.ARCHIVED else None)
    if (state, action) not in allowed:
        with pytest.raises(Conflict, match=f"is {state}"):
            moved(flow, action, at=AT)
        return
    after = moved(flow, action, at=AT)
    assert (after.state, after.revision) == (allowed[state, action], 5)
    assert after.archived_from == (state if action is Action.ARCHIVE else None)


@pytest.mark.parametrize("action", [Action.UPDATE, Action.PUBLISH])
def test_what_changes_more_than_the_state_is_no_move(action: Action) -> None:
    with pytest.raises(ValueError, match="more than the state"):
        moved(_flow(), action, at=AT)


def test_an_edit_takes_over_all_that_its_author_wrote_and_nothing_else() -> None:
    flow = _flow(latest_version=3)
    content = FlowContent(name="Alarm", description="loud", tags=("b", "a", "b"), definition=Definition())
    after = edited(flow, content, at="later")
    assert after.content == replace(content, tags=("b", "a"))
    assert after == replace(
        flow, name="Alarm", description="loud", tags=("b", "a"), definition=Definition(), revision=5, updated_at="later"
    )


@pytest.mark.parametrize("state", [FlowState.PUBLISHED, FlowState.ARCHIVED])
def test_only_a_draft_is_edited_and_published(state: FlowState) -> None:
    flow = _flow(state)
    with pytest.raises(Conflict, match=f"is {state}, so it cannot be changed"):
        edited(flow, flow.content, at=AT)
    with pytest.raises(Conflict, match=f"is {state}, so it cannot be published"):
        published(flow, by="operator", at=AT)


def _of_size(size: int) -> Definition:
    """Return a definition whose canonical form has so many bytes."""
    empty = len(artifact_of(Definition(nodes=(Node(id="n1", type="debug", config={"text": ""}),))))
    return Definition(nodes=(Node(id="n1", type="debug", config={"text": "x" * (size - empty)}),))


def test_a_definition_may_have_exactly_as_many_bytes_as_are_allowed() -> None:
    flow = _flow()
    full, too_big = (replace(flow.content, definition=_of_size(MAX_ARTIFACT_BYTES + more)) for more in (0, 1))
    assert len(artifact_of(full.definition)) == MAX_ARTIFACT_BYTES
    assert graph_faults(edited(flow, full, at=AT).definition) == []
    with pytest.raises(InvalidRequest, match=str(MAX_ARTIFACT_BYTES)):
        edited(flow, too_big, at=AT)
    assert [fault.pointer for fault in graph_faults(too_big.definition)] == ["/definition"]


def test_nodes_and_variables_have_names_of_their_own() -> None:
    node, variable = SOUND.nodes[0], SOUND.variables[0]
    definition = Definition(
        nodes=(node, node), variables=(variable, variable, Variable(name="v", type=VariableType.NUMBER, value="x"))
    )
    assert [fault.pointer for fault in graph_faults(definition)] == [
        "/definition/nodes/1/id",
        "/definition/variables/1/name",
        "/definition/variables/2/value",
    ]


def test_a_sound_graph_has_no_faults() -> None:
    assert graph_faults(SOUND) == []


def test_a_loop_is_no_fault() -> None:
    loop = Definition(nodes=(Node(id="n1", type="debug"),), connections=(Connection(source="n1", target="n1"),))
    assert graph_faults(loop) == []


def test_a_graph_without_nodes_tells_of_its_connections_too() -> None:
    definition = Definition(connections=(Connection(source="a", target="b"),))
    assert [fault.pointer for fault in graph_faults(definition)] == [
        "/definition/nodes",
        "/definition/connections/0/source",
        "/definition/connections/0/target",
    ]


def test_health_checks_have_names_of_their_own_and_watch_nodes_that_exist() -> None:
    nodes = (Node(id="n1", type="debug"), Node(id="check:b", type="debug"))
    checks = (
        EmittedCheck(type="emitted", name="a", node="n1"),
        EmittedCheck(type="emitted", name="a", node="gone"),
        HttpCheck(type="http", name="b", url="http://127.0.0.1/"),
    )
    definition = Definition(nodes=nodes, health_checks=checks)
    assert [fault.pointer for fault in graph_faults(definition)] == [
        "/definition/health_checks/1/name",
        "/definition/health_checks/1/node",
        "/definition/health_checks/2/name",
    ]


def test_publishing_refuses_with_all_faults() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        published(_flow(definition=Definition()), by="operator", at=AT)
    assert [fault.pointer for fault in refusal.value.faults] == ["/definition/nodes"]


def test_tags_count_once_in_the_order_given() -> None:
    assert unique_tags(["b", "a", "b"]) == ("b", "a")


def test_any_of_the_revisions_read_will_do() -> None:
    require_revision(_flow(), None)
    require_revision(_flow(), frozenset({3, 4}))
    for others in (frozenset({3}), frozenset[int]()):
        with pytest.raises(PreconditionFailed, match='"4"'):
            require_revision(_flow(), others)
