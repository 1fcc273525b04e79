"""Settings of nodes, made for every type from its model: right ones, nearly right ones and nonsense."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from edgeflow.contract.nodes.kinds import kind_of

TEXTS: Final = (
    "", " ", "a", "a.b", "a[0]", "a[", "a//b", "a/b", "+/a", "#", "/dev/gpiochip0", "5m", "0s", "8d", "3m", "soon", "é",
    "a\nb", "http://h/x", "ftp://h", "x" * 300, "{{ a }}", "{% if", "$sum(a)", "1 /",
    "${topic}", "http://${host}/x", "http://${secret:KEY}/", "${secret:KEY}", "${none}", "a/${", "$${a}",
    "http://h/$${a}",
)  # fmt: skip
VALUES: Final = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from([None, True, False, 0, 1, -1, 0.5, 1.0, 5, 63, 64, 500, 1_000, 5_000, 10**7]),
    st.sampled_from([[], {}, [1], ["a"], ["a b"], {"a": "b"}, {"a b": "c"}, {"X": "${secret:KEY}"}, {"X": 1}]),
    st.sampled_from([[{"id": "a", "type": "b"}], [{"id": "a"}], [{"id": "a", "type": "b", "wires": [["c"]]}]]),
)
FITTING: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "boolean": st.booleans(),
    "integer": st.integers(0, 70),
    "interval": st.sampled_from(["1s", "90s"]),
    "null": st.none(),
    "number": st.floats(0, 100),
    "payload-path": st.sampled_from(["", "a.b"]),
    "string": st.sampled_from(TEXTS),
}


def _fitting(schema: Mapping[str, Any], shared: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return values of which most are what the schema says, and some are not."""
    if "$ref" in schema:
        return _fitting(shared[schema["$ref"].rpartition("/")[2]], shared)
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema or "oneOf" in schema:
        return st.one_of([_fitting(choice, shared) for choice in schema.get("anyOf", schema.get("oneOf"))])
    if "properties" in schema:
        entries = {name: st.one_of(_fitting(each, shared), VALUES) for name, each in schema["properties"].items()}
        required = {name: entries.pop(name) for name in schema.get("required", ())}
        return st.fixed_dictionaries(required, optional=entries)
    if "items" in schema:
        return st.lists(_fitting(schema["items"], shared), max_size=3)
    return FITTING.get(schema.get("format", schema.get("type", "")), VALUES)


def settings_of(node_type: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return settings of a type, of which many are well and many are not."""
    schema = kind_of(node_type).settings_type.model_json_schema()
    mostly = _fitting(schema, schema.get("$defs", {}))
    return st.one_of(mostly, mostly, st.dictionaries(st.sampled_from(["x", *schema["properties"]]), VALUES, max_size=3))
