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


ON_ANOTHER_S_RECORD = {
    "ClaimHolders": "deployments, as removing a device looks at them",
    "HealthReports": "what devices report, on their own records",
    "Registrations": "devices' records while they are registered",
    "Registry": "which devices there are, by their records",
    "Reports": "the newest reports, on devices' records",
}
"""Ports for a part of what an adapter keeps that bears the stem of another one, each with what that is."""

NARROWING = re.compile(r"^(?:New|Running|Deployable)|Records$")
"""What a port says beside its stem: for whom it is narrowed, and that it is about records."""


def _stem(port: str) -> str:
    """Return what a port is about, as modules are named: ``thing_group`` of ``ThingGroups``."""
    words = re.findall("[A-Z][a-z]*", NARROWING.sub("", port))
    return "_".join(words).lower().removesuffix("s")


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


def test_a_port_and_its_adapter_have_one_stem() -> None:
    """Such as ``Waves`` and ``wave_store``, so that one grep finds both."""
    apart = {
        name
        for adapter in ADAPTERS
        for name in _named(adapter)
        if _stem(name) not in adapter.__module__.rpartition(".")[2]
    }
    assert apart == set(ON_ANOTHER_S_RECORD)


def test_the_ports_of_an_adapter_that_has_several_are_of_its_own_stem_but_for_a_part() -> None:
    """No adapter has only parts of others, so each is found by its own stem."""
    assert [adapter.__name__ for adapter in ADAPTERS if _named(adapter) <= set(ON_ANOTHER_S_RECORD)] == []


def test_no_two_ports_have_one_name() -> None:
    names = [port.__name__ for port in _classes(use_cases) if getattr(port, "_is_protocol", False)]
    assert len(names) == len(set(names))
