"""A validator's faults as sentences of this API: of objects, lists and strings, and with nothing of what was sent.

Pydantic words its own for those who wrote the model, in Python's terms, and repeats values whatever their length.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from edgeflow.contract.durations import format_duration
from edgeflow.contract.ids import FLOW_REFERENCE_PATTERN, SLUG_PATTERN
from edgeflow.contract.rest.devices import CSR_PATTERN
from edgeflow.contract.rest.outline import too_long_a_list

_WHOLE_NUMBER: Final = "must be a whole number"

_PLAIN: Final[Mapping[str, str]] = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "finite_number": "must be a finite number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "int_from_float": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER,
    "int_type": _WHOLE_NUMBER,
    "list_type": "must be a list",
    "missing": "required, but missing",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "string_sub_type": "must be a string",
    "string_type": "must be a string",
    "string_unicode": "must be text in UTF-8",
    "tuple_type": "must be a list",
}
_FILLED: Final[Mapping[str, str]] = {
    "enum": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_short": "must have at least {min_length} entries",
    "union_tag_invalid": "{discriminator} must be one of {expected_tags}",
    "union_tag_not_found": "{discriminator} is required, but missing",
    "value_error": "{error}",
}
ALLOWED: Final[Mapping[str, str]] = {
    r"^[A-Za-z0-9_.-]{1,48}$": "must be 1 to 48 of the letters a-z and A-Z, digits and _ . -",
    r"^[A-Za-z0-9_.:-]{1,64}$": "must be 1 to 64 of the letters a-z and A-Z, digits and _ . : -",
    r"^[A-Za-z_][A-Za-z0-9_]{0,63}$": "must be 1 to 64 of the letters a-z and A-Z, digits and _, not a digit first",
    r"^[a-zA-Z0-9:_-]{1,128}$": "must be 1 to 128 of the letters a-z and A-Z, digits and : _ -",
    r"^[a-z][a-z0-9_-]{0,63}$": "must be 1 to 64 of the letters a-z, digits and _ -, a letter first",
    r"^[^\x00]*$": "must not hold the character of number 0",
    FLOW_REFERENCE_PATTERN: "must be the id of a flow, such as flow_abc123, or slug: and a flow's slug",
    SLUG_PATTERN: "must be 1 to 64 of the letters a-z, digits and -, which neither begins nor ends it",
    r"^https?://[^\s/]+\S*$": "must be an address that begins with http:// or https:// and holds no space",
    r"^/dev/gpiochip\d{1,3}$": "must be a chip such as /dev/gpiochip0",
    r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$": "must have a name of 1 to 128 of the letters a-z and A-Z, digits and "
    '"!#$%&\'*+.^_`|~-"',
    r"^[\x20-\x7e]*$": "must be printable characters of ASCII, in one line",
    r"^[^:\x00-\x1f\x7f]+$": "must have no colon and no control characters, and not be empty",
    r"^[^\x00-\x1f\x7f]*$": "must have no control characters",
    r"^[A-Za-z0-9_.:$/+#-]+$": "must be some of the letters a-z and A-Z, digits and '_.:$/-+#'",
    r"^[A-Za-z0-9_.:$/-]+$": "must be some of the letters a-z and A-Z, digits and '_.:$/-'",
    r"^[A-Za-z0-9_.:/-]{1,64}$": "must be 1 to 64 of the letters a-z and A-Z, digits and _ . : / -",
    r"^[A-Za-z0-9_-]+$": "must be a cursor of this API: send a next_cursor as it came, or none to start over",
    CSR_PATTERN: "must be a certificate signing request in PEM form, from BEGIN to END CERTIFICATE REQUEST",
}
"""What a pattern allows, in words. A test holds that each pattern of requests and settings has its own."""
OTHERWISE: Final = "does not fit here"


def sentence_of(kind: str, context: Mapping[str, Any]) -> str:
    """Return the sentence that tells of a validator's fault, by its type and its context."""
    if kind == "too_long":
        return too_long_a_list(context["actual_length"] or context["max_length"] + 1, context["max_length"])
    if kind == "string_pattern_mismatch":
        return ALLOWED.get(context["pattern"], OTHERWISE)
    if kind in _FILLED:
        return _FILLED[kind].format_map({name: _written(value) for name, value in context.items()})
    return _PLAIN.get(kind, OTHERWISE)


def _written(value: object) -> object:
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
