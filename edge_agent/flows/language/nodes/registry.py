"""Tables of node types: the agent's own, and those of installed packages.

None is loaded before it is wanted: a flow without expressions needs no memory for JSONata.
"""

import importlib
import logging
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from edgeflow.contract.nodes.kind import NodeKind

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")  # edgeflow.contract.flow.NodeType

_log = logging.getLogger(__name__)

KindT = TypeVar("KindT", bound=NodeKind[Any])


class NodeTypes(Generic[KindT]):
    """Class by the ``type`` that a flow's node names. Safe to ask from several threads.

    A type of an installed package that cannot be loaded is no fault of the agent: it is not there, and
    :meth:`fault` says why.
    """

    def __init__(self, base: type[KindT], built_in: Mapping[str, str], *, brought_by: str | None = None) -> None:
        """Know these types, each by ``module:Class``, a class derived from ``base``.

        ``brought_by`` is the group of entry points by which packages bring more; none does when it is absent. A package
        cannot take the place of one of the agent's own.
        """
        self._base = base
        self._brought_by = brought_by
        self.built_in: Mapping[str, str] = MappingProxyType(dict(built_in))
        """The agent's own types."""
        self._places: dict[str, str] | None = None
        self._loaded: dict[str, type[KindT]] = {}
        self._faults: dict[str, str] = {}

    def __getitem__(self, name: str) -> type[KindT]:
        """Return the class. Raises KeyError: there is none, or it cannot be loaded."""
        found = self._loaded.get(name)
        if found is None:
            if name in self._faults:
                raise KeyError(name)
            place = self._all_places()[name]
            try:
                found = self._load(place)
            except Exception as error:
                if name in self.built_in:
                    raise
                # Whatever somebody else's package does when it is loaded, the agent goes on.
                self._faults[name] = f"it cannot be loaded: {type(error).__name__}: {error}"
                _log.exception("node type %s of %s cannot be loaded", name, place)
                raise KeyError(name) from error
            self._loaded[name] = found
        return found

    def get(self, name: str) -> type[KindT] | None:
        """Return the class, or None when there is none or it cannot be loaded."""
        try:
            return self[name]
        except KeyError:
            return None

    def __contains__(self, name: object) -> bool:
        """Tell whether there is such a type, and it can be loaded."""
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        """Name every type, also those that cannot be loaded."""
        return iter(sorted(self._all_places()))

    def fault(self, name: str) -> str | None:
        """Return why a type that a package brings cannot be used; None when there is no such type or no fault."""
        self.get(name)
        return self._faults.get(name)

    def _all_places(self) -> dict[str, str]:
        if self._places is None:
            places: dict[str, str] = {}
            for point in entry_points(group=self._brought_by) if self._brought_by is not None else ():
                if point.name in self.built_in:
                    _log.warning("node type %s of %s is left out: the agent has its own", point.name, point.value)
                elif _NAME.fullmatch(point.name) is None:
                    _log.warning("node type %r of %s is left out: flows cannot name it", point.name, point.value)
                elif places.setdefault(point.name, point.value) != point.value:
                    _log.warning("node type %s of %s is left out: %s brings it", point.name, point.value, places)
            self._places = places | dict(self.built_in)
        return self._places

    def _load(self, place: str) -> type[KindT]:
        module, _, name = place.partition(":")
        found: object = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        if not (isinstance(found, type) and issubclass(found, self._base)):
            message = f"{place} is no class derived from {self._base.__name__} (see docs/write-a-node.md)"
            raise TypeError(message)
        return found
