"""YAML as far as JSON goes, and on which line each part of it is."""

from dataclasses import dataclass
from typing import Any, Final

import yaml

from edgeflow.client import InvalidArgument

MAX_PARTS: Final = 200_000
"""Values that a document may have when its aliases are written out: a few lines of aliases can make billions."""
_TEXT: Final = "tag:yaml.org,2002:str"
_MERGE: Final = "tag:yaml.org,2002:merge"
_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """Dates stay texts, each key is a text, and there is once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            fault = ""
            if key.tag not in {_TEXT, _MERGE}:
                fault = "a key is a text: put it in quotes"
            elif key.value in seen:
                fault = f"{key.value!r} is there twice"
            if fault:
                raise yaml.constructor.ConstructorError(None, None, fault, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != _TIMESTAMP]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class YamlText:
    """A document that was read, and where its parts are."""

    name: str
    document: Any
    _root: yaml.Node | None

    def place(self, pointer: str) -> str:
        """Return ``file:line`` of what an RFC 6901 pointer points to, or of the innermost part around it."""
        node = self._root
        for part in pointer.split("/")[1:]:
            inner = None if node is None else _part_of(node, part.replace("~1", "/").replace("~0", "~"))
            if inner is None:
                break
            node = inner
        return f"{self.name}:{1 if node is None else node.start_mark.line + 1}"


def read_yaml(name: str, text: str) -> YamlText:
    """Read one document. Raises InvalidArgument, which names the line."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is not None:
            _parts(root, {})
        return YamlText(name, None if root is None else loader.construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        message = f"{name}:{line}: {error.problem or 'this is no YAML'}"
        raise InvalidArgument(message) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        message = f"{name}:1: this is no YAML: {str(error) or type(error).__name__}"
        raise InvalidArgument(message) from None
    finally:
        loader.dispose()


def _parts(node: yaml.Node, known: dict[int, int]) -> int:
    """Count the values in a node, aliases written out. Raises MarkedYAMLError where they are too many, or endless."""
    if id(node) in known:
        count = known[id(node)]
    else:
        known[id(node)] = MAX_PARTS + 1  # until it is counted: whoever meets it before is inside of it
        match node:
            case yaml.MappingNode():
                count = 1 + sum(_parts(value, known) for _, value in node.value)
            case yaml.SequenceNode():
                count = 1 + sum(_parts(value, known) for value in node.value)
            case _:
                count = 1
        known[id(node)] = count
    if count > MAX_PARTS:
        raise yaml.MarkedYAMLError(problem=f"more than {MAX_PARTS} values", problem_mark=node.start_mark)
    return count


def _part_of(node: yaml.Node, name: str) -> yaml.Node | None:
    match node:
        case yaml.MappingNode():
            return next((value for key, value in node.value if key.value == name), None)
        case yaml.SequenceNode() if name.isdecimal() and int(name) < len(node.value):
            inner: yaml.Node = node.value[int(name)]
            return inner
        case _:
            return None
