"""Reading a flow's typed variables: the same on the device that runs them and in the cloud that publishes them."""

import json
import math
from typing import Any, assert_never

from edgeflow.contract.flow import Variable, VariableType

_BOOLEANS = {"true": True, "false": False}


def read_variable(variable: Variable) -> Any:  # noqa: ANN401  a variable of type json can be anything
    """Return the variable's value in its type: ``"30"`` of type ``number`` is 30.

    Raises:
        ValueError: the value does not read as the type; the message says what would.
    """
    value = variable.value
    match variable.type:
        case VariableType.STRING:
            if isinstance(value, str):
                return value
            message = 'a string variable needs a string value, such as "hall 3"'
        case VariableType.NUMBER:
            number = _read_number(value)
            if number is not None:
                return number
            message = 'a number variable needs a finite number, such as 30 or "30"'
        case VariableType.BOOLEAN:
            if isinstance(value, bool):
                return value
            if isinstance(value, str) and value in _BOOLEANS:
                return _BOOLEANS[value]
            message = 'a boolean variable needs true or false, also as "true" or "false"'
        case VariableType.JSON:
            return _read_json(value)
        case _:
            assert_never(variable.type)
    raise ValueError(message)


def _no_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _read_json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        message = 'a json variable needs a JSON value, or a string that holds JSON, such as "{\\"low\\": 3}"'
        raise ValueError(message) from None


def _read_number(value: object) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None
