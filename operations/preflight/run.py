"""The command ``preflight``: every check, each by itself, so that one that cannot look keeps no other from looking."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from operations.clients import Clients
from operations.preflight import account, definitions, earlier, layer, names, policies, price, quotas, table
from operations.preflight.environment import Environment, read_text
from operations.preflight.findings import Finding, Severity, could_not_look, error
from operations.preflight.template import Template

BUILT: Final = ".aws-sam/build"
_MARKS: Final = {Severity.ERROR: "ERROR", Severity.WARNING: "WARN", Severity.WELL: "ok"}


def preflight(clients: Clients, environment: Environment, root: Path) -> list[Finding]:
    """Return what all checks find; ``root`` is the repository."""
    try:
        place, caller = account.place_of(clients)
    except (BotoCoreError, ClientError) as fault:
        remedy = "aws configure, or aws sso login; `aws sts get-caller-identity` says who you are"
        what = f"no credentials that AWS takes: {fault}"
        return [error(account.CHECK, what, why="nothing can be deployed without", remedy=remedy)]
    text = read_text(root, "template.yaml")
    name = environment.stack_name
    template = Template(text, stack_name=name, place=place, parameters=environment.parameters)
    checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        (account.CHECK, lambda: account.account(clients, place, caller)),
        (names.CHECK, lambda: names.names(name, template)),
        (earlier.CHECK, lambda: earlier.earlier(clients, name)),
        (table.CHECK, lambda: table.table(clients, name, template)),
        (quotas.LAMBDA, lambda: quotas.functions_at_once(clients)),
        (quotas.JOBS, lambda: quotas.jobs_at_once(clients)),
        (layer.CHECK, lambda: layer.layer(root / BUILT, text)),
        (definitions.CHECK, lambda: definitions.definitions(clients, template, root)),
        (policies.CHECK, lambda: policies.policies(clients, template)),
        (price.CHECK, lambda: price.price(read_text(root, "docs/costs.md"))),
    ]
    return [finding for name, check in checks for finding in _looked(name, check)]


def _looked(name: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except ClientError as fault:
        yield could_not_look(name, str(fault))
    except BotoCoreError as fault:  # as where a region has no such service
        yield could_not_look(name, f"{fault}; the region may not have this service")


def failed(findings: Iterable[Finding]) -> bool:
    """Tell whether a deployment would go wrong."""
    return any(each.severity is Severity.ERROR for each in findings)


def as_json(findings: Iterable[Finding]) -> str:
    """Return the findings as a list of objects with the fields of :class:`Finding`."""
    return json.dumps([asdict(each) for each in findings], indent=2)


def as_text(findings: Iterable[Finding]) -> str:
    """Return the findings for people."""
    lines = []
    for each in findings:
        lines.append(f"{_MARKS[each.severity]:<5}  {each.check}: {each.what}")
        if each.why:
            lines.append(f"       Why it matters: {each.why}.")
            lines.append(f"       Remedy: {each.remedy}")
    return "\n".join(lines)
