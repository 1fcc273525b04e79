"""Reading a flow's typed variables: the same on the device that runs them and in the cloud that publishes them."""

from typing import Any, Final, assert_never

from edgeflow.contract.echo import shortened
from edgeflow.contract.flow import Variable, VariableType
from edgeflow.contract.json_values import (
    MAX_DEPTH,
    NOT_FINITE,
    Location,
    number_fault,
    number_faults,
    read_json,
    survey,
)

_BOOLEANS = {"true": True, "false": False}
_NEEDS_JSON: Final = 'a json variable needs a JSON value, or a string that holds JSON, such as "{\\"low\\": 3}"'


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


def check_variable(variable: Variable) -> None:
    """Refuse a value that does not read as its type, or is more than every reader of JSON keeps.

    Whoever publishes is held to that; a device reads what was published before there was this rule.

    Raises:
        ValueError: the message says what would do.
    """
    value = read_variable(variable)
    found = survey(value)
    if found.too_deep:
        message = f"the value is nested deeper than {MAX_DEPTH} levels"
        raise ValueError(message)
    if found.has_odd_numbers:
        place, fault = next(number_faults(value))
        message = f"{_in_words(place)}{fault}"
        raise ValueError(message)


def _in_words(place: Location) -> str:
    return f"at {shortened('/'.join(map(str, place)))} in it: " if place else ""


def _read_json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        document = read_json(value)
    except (ValueError, RecursionError):
        raise ValueError(_NEEDS_JSON) from None
    if any(fault == NOT_FINITE for _, fault in number_faults(document)):
        message = "a json variable needs finite numbers"
        raise ValueError(message)
    return document


def _read_number(value: object) -> int | float | None:
    if isinstance(value, str):
        try:
            value = read_json(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if number_fault(value) == NOT_FINITE else value
