"""What docs/aws.md tells people to type is there: targets, parameters, outputs, commands and links."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import botocore.session
import pytest
import typer
from botocore import xform_name

from edgeflow.cli.main import app
from tests.infrastructure.conftest import Template

GLOBAL_OPTIONS: Final = frozenset({"query", "output"})
"""Of every command of the AWS CLI."""
OF_THE_CLI_ITSELF: Final = frozenset({"configure"})


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/aws.md").read_text(encoding="utf-8")


def commands(page: str, program: str) -> list[list[str]]:
    """Return each call of a program, in blocks, inline and within ``$(…)``, as its words."""
    called = re.findall(rf"(?:^    |`|\$\(|\{{ ){program} ((?:\$\([^)]*\)|[^`\n|)])*)", page, re.MULTILINE)
    return [shlex.split(re.sub(r"\$\([^)]*\)", "VALUE", each).partition(";")[0]) for each in called]


def options(words: list[str]) -> list[str]:
    return [word.removeprefix("--") for word in words if word.startswith("--")]


def test_every_target_and_every_variable_of_make_is_there(page: str, root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    called = commands(page, "make")
    assert ["teardown", "STACK=edgeflow-dev"] in called
    for target, *variables in called:
        assert re.search(rf"^{target}: .*## ", makefile, re.MULTILINE), target
        for variable in variables:
            assert re.search(rf"\b{variable.partition('=')[0]}\b", makefile), variable
    for variable in re.findall(r"`([A-Z]+)=[^`]*`", page):
        assert f"$({variable})" in makefile, variable


def test_every_output_and_every_parameter_is_the_templates(page: str, template: Template) -> None:
    outputs = set(re.findall(r"\$\(output (\w+)\)", page))
    assert {"ApiUrl", "TokenUrl"} < outputs <= set(template.body["Outputs"])
    parameters = set(re.findall(r"`([A-Z][a-z]\w+)(?:=\w+)?`", page))
    assert {"Protected", "PythonRuntime"} <= parameters <= set(template.body["Parameters"])
    versions = re.findall(r"Python (3\.\d+)", page)
    assert versions == [template.body["Parameters"]["PythonRuntime"]["Default"].removeprefix("python")]


def test_every_environment_and_stack_is_that_of_samconfig(page: str, root: Path) -> None:
    configured = tomllib.loads((root / "samconfig.toml").read_text(encoding="utf-8"))
    environments = re.findall(r"--config-env (\w+)|`ENV=(\w+)`", page)
    assert environments
    named = {configured[first or second]["global"]["parameters"]["stack_name"] for first, second in environments}
    stacks = set(re.findall(r"(?:--stack-name |STACK=|teardown )([a-z][\w-]*)", page))
    assert stacks == named == {"edgeflow", "edgeflow-dev", "edgeflow-smoke"}


def test_every_command_of_edgeflow_is_there_with_its_options(page: str) -> None:
    root_command = typer.main.get_command(app)
    called = commands(page, "edgeflow")
    assert len(called) > 5
    for words in called:
        command, rest = root_command, words
        while rest and (found := getattr(command, "commands", {}).get(rest[0])):
            command, rest = found, rest[1:]
        assert not hasattr(command, "commands"), words
        known = {name for parameter in command.params for name in parameter.opts}
        assert {f"--{option}" for option in options(rest)} <= known, words


def aws_calls(page: str) -> Iterator[tuple[str, str, list[str]]]:
    for service, *rest in commands(page, "aws"):
        if service not in OF_THE_CLI_ITSELF:
            yield service, rest[0], options(rest[1:])


def test_every_command_of_aws_is_there_with_its_options(page: str) -> None:
    session = botocore.session.get_session()
    called = list(aws_calls(page))
    assert len(called) > 10
    for service, operation, given in called:
        model = session.get_service_model(service)
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        assert operation in operations, (service, operation)
        shape = model.operation_model(operations[operation]).input_shape
        members = {xform_name(name, "-") for name in shape.members} if shape else set()
        assert {option.removeprefix("no-") for option in given} <= members | GLOBAL_OPTIONS, (service, operation)


def test_every_command_of_aws_that_preflight_and_teardown_name_is_there(root: Path) -> None:
    session = botocore.session.get_session()
    text = "".join(path.read_text(encoding="utf-8") for path in (root / "operations").rglob("*.py"))
    named = set(re.findall(r"[`\"]aws ([a-z0-9-]+) ([a-z]+-[a-z-]+[a-z])", text))
    assert len(named) > 8
    for service, operation in named:
        model = {"s3api": "s3"}.get(service, service)  # the one service that the AWS CLI gives another name
        operations = {xform_name(name, "-") for name in session.get_service_model(model).operation_names}
        assert operation in operations, (service, operation)


def test_every_link_leads_somewhere(page: str, root: Path) -> None:
    links = re.findall(r"\]\(((?!https:)[^)#]+)(?:#([^)]+))?\)", page)
    assert len(links) > 5
    for path, anchor in links:
        target = root / "docs" / path
        assert target.is_file(), path
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        assert not anchor or anchor in slugs, (path, anchor)
