"""How the value of a variable is read in its type."""

import pytest

from edgeflow.contract.flow import Variable, VariableType
from edgeflow.contract.variables import read_variable


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (VariableType.NUMBER, "30", 30),
        (VariableType.NUMBER, "-2.5e3", -2500.0),
        (VariableType.NUMBER, 7, 7),
        (VariableType.STRING, "", ""),
        (VariableType.BOOLEAN, "false", False),
        (VariableType.BOOLEAN, True, True),
        (VariableType.JSON, '{"low": [1]}', {"low": [1]}),
        (VariableType.JSON, [1], [1]),
        (VariableType.JSON, None, None),
    ],
)
def test_a_variable_reads_in_its_type(kind: VariableType, value: object, expected: object) -> None:
    read = read_variable(Variable(name="v", type=kind, value=value))
    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (VariableType.NUMBER, ""),
        (VariableType.NUMBER, "thirty"),
        (VariableType.NUMBER, "NaN"),
        (VariableType.NUMBER, "Infinity"),
        (VariableType.NUMBER, "1e999"),
        (VariableType.NUMBER, "true"),
        (VariableType.NUMBER, True),
        (VariableType.NUMBER, None),
        (VariableType.STRING, 3),
        (VariableType.STRING, None),
        (VariableType.BOOLEAN, 1),
        (VariableType.BOOLEAN, "yes"),
        (VariableType.JSON, "{low: 1}"),
        (VariableType.JSON, "NaN"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: VariableType, value: object) -> None:
    with pytest.raises(ValueError, match="needs"):
        read_variable(Variable(name="v", type=kind, value=value))
