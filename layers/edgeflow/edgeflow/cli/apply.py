"""``edgeflow plan`` and ``edgeflow apply``: a fleet's flows as a file says, so that they can live in Git."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from edgeflow.cli import flow_diff
from edgeflow.cli.errors import CommandFailed
from edgeflow.cli.exits import OUTCOMES, Exit
from edgeflow.cli.fleet_apply import carry_out_deploy, carry_out_flow
from edgeflow.cli.fleet_file import read_fleet_file, schema
from edgeflow.cli.fleet_plan import DeployStep, FlowPlan, FlowStep, plan_flow
from edgeflow.cli.following import follow
from edgeflow.cli.profiles import DEFAULT
from edgeflow.cli.rollouts import Timeout, Wait, patience_of
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import Json, ProfileName, surroundings
from edgeflow.client import Client, EdgeFlowError, InvalidArgument
from edgeflow.client.session import written
from edgeflow.contract.rest.deployments import DeploymentView
from edgeflow.contract.wording import counted

FleetPath = Annotated[
    Path | None, typer.Option("--file", "-f", metavar="FILE", help="The fleet's file (YAML); docs/cli.md explains it.")
]
ReplaceDrafts = Annotated[
    bool, typer.Option("--replace-drafts", help="Write over drafts with a definition that was never published.")
]


def plan(
    ctx: typer.Context,
    *,
    file: FleetPath = None,
    replace_drafts: ReplaceDrafts = False,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Show what `apply` would do. Exit code 0: nothing; 7: something."""
    wanted = read_fleet_file(_given(file))
    with surroundings(ctx).client(profile) as client:
        plans = [plan_flow(client, each, replace_drafts=replace_drafts) for each in wanted]
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(_document(plans))
    else:
        show_plans(screen, plans)
    if any(each.changes for each in plans):
        raise typer.Exit(Exit.CHANGES)


def apply(
    ctx: typer.Context,
    *,
    file: FleetPath = None,
    print_schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of the file, and do nothing.")
    ] = False,
    replace_drafts: ReplaceDrafts = False,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Make the stack what a file says: create, change, publish and deploy flows. A second run does nothing."""
    screen = Screen(as_json=as_json)
    if print_schema:
        screen.document(schema())
        return
    patience = patience_of(timeout, wait=wait)
    wanted = read_fleet_file(_given(file))
    with surroundings(ctx).client(profile) as client:
        # All of it is looked at before any of it is changed: what is in the way of one flow is found first.
        plans = [plan_flow(client, each, replace_drafts=replace_drafts) for each in wanted]
        show_plans(screen, plans)
        deployments = _carry_out(client, plans)
        ended = _wait(client, deployments, screen, patience) if wait else {}
    if as_json:
        views = [{"id": each, "status": ended[each].status if each in ended else None} for each in deployments]
        screen.document(_document(plans) | {"deployed": views})
    elif not wait:
        for each in deployments:
            screen.line(f"{each} is under way: `edgeflow watch {each}` follows it")
    bad = [OUTCOMES[view.status] for view in ended.values() if OUTCOMES[view.status] is not Exit.OK]
    if bad:
        raise typer.Exit(bad[0])


def _given(file: Path | None) -> Path:
    if file is None:
        message = "say which file: -f fleet.yaml"
        raise InvalidArgument(message)
    return file


def _carry_out(client: Client, plans: list[FlowPlan]) -> list[str]:
    """Do what is planned, versions before rollouts; returns the deployments that bring what the file says."""
    done = 0
    try:
        published: list[tuple[str, int | None]] = []
        for each in plans:
            published.append(carry_out_flow(client, each.flow))
            done += each.flow.action != "none"
        deployments: list[str] = []
        for each, (flow_id, made) in zip(plans, published, strict=True):
            for step in each.deploys:
                version = made if step.version is None else step.version
                if version is None:  # the plan refuses that
                    raise AssertionError
                deployments += carry_out_deploy(client, step, flow_id, version)
                done += step.action in {"deploy", "start"}
    except EdgeFlowError as error:
        message = f"{error}; {counted(done, 'change', 'is', 'are')} made, and `edgeflow apply` goes on from there"
        raise CommandFailed(message) from error
    return list(dict.fromkeys(deployments))


def _wait(
    client: Client, deployments: list[str], screen: Screen, patience: timedelta | None
) -> dict[str, DeploymentView]:
    """Follow one after the other: they are all at work at the same time."""
    deadline = None if patience is None else time.monotonic() + patience.total_seconds()
    ended: dict[str, DeploymentView] = {}
    for each in deployments:
        left = None if deadline is None else timedelta(seconds=max(0.0, deadline - time.monotonic()))
        screen.line(f"{each}:")
        ended[each] = follow(client, each, screen, left)
    return ended


def show_plans(screen: Screen, plans: list[FlowPlan]) -> None:
    """Print what would be done, for people."""
    for plan_of_flow in plans:
        _show_flow(screen, plan_of_flow.flow)
        for step in plan_of_flow.deploys:
            _show_deploy(screen, plan_of_flow.flow, step)
    if not any(each.changes for each in plans):
        screen.line("nothing to do")


def _show_flow(screen: Screen, step: FlowStep) -> None:
    name = step.wanted.name
    if step.action == "none":
        return
    if step.current is None:
        screen.line(f"+ {name}: create it, and publish version {step.version}")
        return
    parts = [f"change its {', '.join(step.changed)}"] if step.changed else []
    parts += [f"publish version {step.version}"] if step.publish else []
    screen.line(f"~ {name}: {', '.join(parts)}")
    if compared := step.diff():
        for each in flow_diff.lines(*compared, (f"{name}, now", f"{name}, in the file")):
            screen.line(f"    {each}")


def _show_deploy(screen: Screen, flow: FlowStep, step: DeployStep) -> None:
    what = f"{flow.wanted.name} version {step.version or flow.version}"
    if step.action == "deploy":
        groups = [f"the group {group}" for group in step.groups]
        screen.line(f"> {what}: deploy it by {step.wanted.strategy} to {', '.join([*step.devices, *groups])}")
    for each in step.start:
        screen.line(f"> {what}: start {each}")
    for each in step.under_way:
        screen.line(f"  {what}: {each} is under way")


def _document(plans: list[FlowPlan]) -> dict[str, Any]:
    return {
        "changes": any(each.changes for each in plans),
        "flows": [_flow_document(each.flow) for each in plans],
        "deployments": [_deploy_document(each.flow, step) for each in plans for step in each.deploys],
    }


def _flow_document(step: FlowStep) -> dict[str, Any]:
    compared = step.diff()
    return {
        "name": step.wanted.name,
        "id": step.current.id if step.current else None,
        "action": step.action,
        "changed": list(step.changed),
        "diff": None if compared is None else flow_diff.differences(*compared),
        "publish": step.publish,
        "version": step.version,
    }


def _deploy_document(flow: FlowStep, step: DeployStep) -> dict[str, Any]:
    return {
        "flow": flow.wanted.name,
        "version": step.version or flow.version,
        "action": step.action,
        "strategy": step.wanted.strategy,
        "config": written(step.wanted.config),
        "devices": list(step.devices),
        "groups": list(step.groups),
        "start": list(step.start),
        "under_way": list(step.under_way),
    }
