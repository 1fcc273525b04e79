"""What is wrong with the settings of a flow's nodes on every device, found by the models that devices check them by.

Left to the device is what it alone can say: what references stand for, whether the text of an expression or a template
reads, what its runtime and its hardware can do, and types of node that a package has brought to it.
"""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Final

from pydantic import BaseModel, ValidationError

from edgeflow.contract.echo import shortened
from edgeflow.contract.flow import Definition, Node
from edgeflow.contract.nodes.kinds import KINDS, kind_of
from edgeflow.contract.nodes.stand_ins import config_with_stand_ins
from edgeflow.contract.rest.problem import MAX_FAULTS_TOLD, ProblemFault, faults_of, pointer_to
from edgeflow.domain.errors import Fault

_MUST_BE: Final = "must be "


def setting_faults(definition: Definition, *, most: int = MAX_FAULTS_TOLD) -> tuple[list[Fault], int]:
    """Return what is wrong with the settings of nodes whose type is known here, in the order of the nodes.

    At most the first ``most`` faults are told, so that the time which this takes has a bound; the second value says how
    many there are beside them. Of a value that may be of several kinds it counts each kind that it is not.
    """
    found: list[Fault] = []
    more = 0
    for index, node in enumerate(definition.nodes):
        error = _refusal(node)
        if error is None:
            continue
        at = pointer_to(("definition", "nodes", index, "config"))
        told = 0
        for pointer, sentences in _first_faults(error, kind_of(node.type).settings_type, most - len(found)):
            place = pointer.removeprefix("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
            said = f"{shortened(place)}: {_either(sentences)}" if place else _either(sentences)
            found.append(Fault(at + pointer, f"node {node.id} ({node.type}): {said}"))
            told += len(sentences)
        more += error.error_count() - told
    return found, more


def _refusal(node: Node) -> ValidationError | None:
    if node.type in KINDS:
        try:
            kind_of(node.type).settings_type.model_validate(config_with_stand_ins(node))
        except ValidationError as error:
            return error
    return None


def _first_faults(error: ValidationError, model: type[BaseModel], most: int) -> Iterator[tuple[str, list[str]]]:
    """Yield the first places at which settings are at fault, as JSON pointers, with what is said of each."""
    if most <= 0:
        return
    for pointer, faults in islice(groupby(faults_of(error, model), key=_pointer), most):
        yield pointer, [fault.detail for fault in faults]


def _pointer(fault: ProblemFault) -> str:
    return fault.pointer


def _either(sentences: list[str]) -> str:
    """Return one sentence of those that say why a value is none of the kinds that it may be."""
    unique = list(dict.fromkeys(sentences))
    if all(sentence.startswith(_MUST_BE) for sentence in unique):
        return _MUST_BE + ", or ".join(sentence.removeprefix(_MUST_BE) for sentence in unique)
    return ", or ".join(unique)
