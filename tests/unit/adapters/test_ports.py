"""Each port of the use cases names its adapter, and each adapter its ports: one grep shows who implements what."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from edgeflow import adapters, use_cases

IMPLEMENTS = re.compile(r"\bimplements\b(.*?)(?:[.;(]|$)", re.IGNORECASE | re.DOTALL)
NAMED = re.compile(r"``(\w+)``")


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(module.name)


def _classes(package: ModuleType) -> Iterator[type[Any]]:
    for module in _modules(package):
        for found in vars(module).values():
            if inspect.isclass(found) and found.__module__ == module.__name__:
                yield found


def _methods(port: type[Any]) -> set[str]:
    protocols = [each for each in port.__mro__ if getattr(each, "_is_protocol", False)]
    return {name for each in protocols for name in vars(each) if not name.startswith("_")}


def _named(adapter: type[Any]) -> set[str]:
    found = IMPLEMENTS.search(adapter.__doc__ or "")
    return set(NAMED.findall(found.group(1))) if found else set()


PORTS = {port.__name__: port for port in _classes(use_cases) if getattr(port, "_is_protocol", False)}
ADAPTERS = [adapter for adapter in _classes(adapters) if _named(adapter)]


def _narrower(name: str) -> set[str]:
    """Return the ports that are a part of this one, and itself."""
    return {each.__name__ for each in PORTS[name].__mro__ if each.__name__ in PORTS}


def test_each_port_is_named_by_an_adapter() -> None:
    assert len(PORTS) >= 25
    implemented = {each for adapter in ADAPTERS for name in _named(adapter) for each in _narrower(name)}
    assert sorted(set(PORTS) - implemented) == []


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.__name__)
def test_an_adapter_has_what_the_ports_that_it_names_ask_for(adapter: type[Any]) -> None:
    assert _named(adapter) <= set(PORTS)
    assert sorted({method for name in _named(adapter) for method in _methods(PORTS[name])} - set(dir(adapter))) == []


def test_no_two_ports_have_one_name() -> None:
    names = [port.__name__ for port in _classes(use_cases) if getattr(port, "_is_protocol", False)]
    assert len(names) == len(set(names))
