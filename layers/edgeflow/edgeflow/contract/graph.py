"""What keeps a definition from being published: rules of its graph, of its names, of its size."""

from collections import Counter
from collections.abc import Container, Iterator

from edgeflow.contract.flow import MAX_ARTIFACT_BYTES, Definition, FlowArtifact
from edgeflow.contract.health_checks import EmittedCheck, health_check_id
from edgeflow.contract.json_values import Location
from edgeflow.contract.references import reference_faults
from edgeflow.contract.variables import check_variable


def graph_faults(definition: Definition) -> Iterator[tuple[Location, str]]:
    """Yield everything that keeps a definition from being published: where in it, and what it is."""
    if not definition.nodes:
        yield ("nodes",), "a flow needs at least one node"
    known = Counter(node.id for node in definition.nodes)
    seen: set[str] = set()
    for index, node in enumerate(definition.nodes):
        if node.id in seen:
            yield ("nodes", index, "id"), f"node id {node.id!r} is used by an earlier node"
        seen.add(node.id)
    for index, connection in enumerate(definition.connections):
        for end, node_id in (("source", connection.source), ("target", connection.target)):
            if node_id not in known:
                yield ("connections", index, end), f"there is no node {node_id!r}"
    yield from _variable_faults(definition)
    yield from _health_check_faults(definition, known)
    yield from reference_faults(definition)
    too_big = size_fault(definition)
    if too_big is not None:
        yield (), too_big


def size_fault(definition: Definition) -> str | None:
    """Say that a definition is too big to be stored and downloaded; None when it is not."""
    size = len(FlowArtifact(definition=definition).canonical_bytes())
    if size <= MAX_ARTIFACT_BYTES:
        return None
    return f"the definition has {size} bytes in canonical form; at most {MAX_ARTIFACT_BYTES} are allowed"


def _variable_faults(definition: Definition) -> Iterator[tuple[Location, str]]:
    names: set[str] = set()
    for index, variable in enumerate(definition.variables):
        if variable.name in names:
            yield ("variables", index, "name"), f"variable {variable.name!r} is defined by an earlier entry"
        names.add(variable.name)
        try:
            check_variable(variable)
        except ValueError as error:
            yield ("variables", index, "value"), str(error)


def _health_check_faults(definition: Definition, known: Container[str]) -> Iterator[tuple[Location, str]]:
    names: set[str] = set()
    for index, check in enumerate(definition.health_checks):
        if check.name in names:
            yield ("health_checks", index, "name"), f"health check {check.name!r} is defined by an earlier entry"
        names.add(check.name)
        if health_check_id(check.name) in known:
            message = f"a node has the id {health_check_id(check.name)!r}, by which this is reported"
            yield ("health_checks", index, "name"), message
        if isinstance(check, EmittedCheck) and check.node not in known:
            yield ("health_checks", index, "node"), f"there is no node {check.node!r}"
