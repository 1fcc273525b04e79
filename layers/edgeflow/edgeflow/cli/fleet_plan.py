"""What has to be done so that a stack is as a fleet's file says. Nothing is changed here.

What runs where is known from the devices' own reports, and from deployments that are under way. Who is in a group is
known to the cloud alone, when a deployment starts: so the members are those that the newest deployment of the same
version to the same groups had.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from edgeflow.cli.errors import CommandFailed
from edgeflow.cli.fleet_file import Deploy, WantedFlow
from edgeflow.cli.lookup import flow_with_slug
from edgeflow.client import ENDED, Client, Flow
from edgeflow.client.session import checked, written
from edgeflow.contract.flow import Definition, FlowArtifact
from edgeflow.contract.rest.deployment_queries import ListDeployments
from edgeflow.contract.rest.deployments import DeploymentSummary, TargetView
from edgeflow.contract.rest.devices import DeviceSummary
from edgeflow.contract.rest.fleet import ListDevices
from edgeflow.contract.rest.flows import FlowSummary, ListFlows, VersionSummary
from edgeflow.contract.wording import counted

_ON_ITS_WAY: Final = frozenset({"pending", "running", "paused"})
"""Statuses in which a deployment still brings its version to its targets, or is about to."""


@dataclass(frozen=True)
class FlowStep:
    """A flow, and what of it is created or changed. ``current`` is None where it is created.

    ``changed`` are the keys of the flow that are given another value, ``publish`` tells whether that makes a version.
    ``version`` is the one that the file's definition has, or will have; None where there is no definition at all.
    """

    wanted: WantedFlow
    current: Flow | None
    changed: tuple[str, ...]
    publish: bool
    version: int | None

    @property
    def action(self) -> Literal["create", "change", "none"]:
        """What happens to the flow itself."""
        if self.current is None:
            return "create"
        return "change" if self.changed or self.publish else "none"

    def diff(self) -> tuple[Definition, Definition] | None:
        """Return the definition before and after; None where it stays."""
        if self.current is None or self.wanted.definition is None or "definition" not in self.changed:
            return None
        return self.current.definition, self.wanted.definition


@dataclass(frozen=True)
class DeployStep:
    """One entry of ``deploy``: who still needs the version, and which deployments bring it to others already.

    ``version`` is None where publishing will tell. ``start`` are deployments that were created and never started,
    ``newest`` is the id of the flow's newest deployment.
    """

    wanted: Deploy
    version: int | None
    devices: tuple[str, ...]
    groups: tuple[str, ...]
    under_way: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    newest: str | None = None

    @property
    def action(self) -> Literal["deploy", "start", "follow", "none"]:
        """What happens for this entry."""
        if self.devices or self.groups:
            return "deploy"
        if self.start:
            return "start"
        return "follow" if self.under_way else "none"

    def body(self, flow_id: str, version: int) -> dict[str, Any]:
        """Return the request that creates its deployment."""
        return {
            "flow_id": flow_id,
            "flow_version": version,
            "target_devices": list(self.devices),
            "target_groups": list(self.groups),
            "strategy": self.wanted.strategy,
            "config": written(self.wanted.config),
        }


@dataclass(frozen=True)
class FlowPlan:
    """A flow and its rollouts."""

    flow: FlowStep
    deploys: tuple[DeployStep, ...]

    @property
    def changes(self) -> bool:
        """Tell whether there is anything to do."""
        return self.flow.action != "none" or any(step.action in {"deploy", "start"} for step in self.deploys)


def plan_flow(client: Client, wanted: WantedFlow, *, replace_drafts: bool) -> FlowPlan:
    """Compare a flow of the file with the stack.

    Raises:
        CommandFailed: something is in the way; what helps is named.
    """
    step = _flow_step(client, wanted, replace_drafts=replace_drafts)
    if not wanted.deploy:
        return FlowPlan(step, ())
    if step.current is None:
        made = [_all_of(deploy, _version_of(step, deploy)) for deploy in wanted.deploy]
    else:
        world = _World.read(client, step.current.id)
        made = [_deploy_step(world, deploy, _version_of(step, deploy)) for deploy in wanted.deploy]
    return FlowPlan(step, tuple(made))


def _flow_step(client: Client, wanted: WantedFlow, *, replace_drafts: bool) -> FlowStep:
    current = _slugged(client, wanted) or _named(client, wanted.name)
    if current is None:
        if wanted.definition is None:
            message = f"there is no flow named {wanted.name!r}, and the file has no definition to create it with"
            raise CommandFailed(message)
        return FlowStep(wanted, None, (), publish=True, version=1)
    told = {
        "name": wanted.name,
        "description": wanted.description,
        "tags": None if wanted.tags is None else list(wanted.tags),
        "slug": wanted.slug,
    }
    changed = [key for key, value in told.items() if value is not None and value != getattr(current, key)]
    if wanted.definition is None:
        return FlowStep(wanted, current, tuple(changed), publish=False, version=current.latest_version)
    published = _published_as(client, current, wanted.definition)
    if published is not None:
        return FlowStep(wanted, current, tuple(changed), publish=False, version=published)
    if current.definition != wanted.definition:
        if not replace_drafts:
            _see_that_nobody_works_on(client, current)
        changed.append("definition")
    return FlowStep(wanted, current, tuple(changed), publish=True, version=(current.latest_version or 0) + 1)


def _slugged(client: Client, wanted: WantedFlow) -> Flow | None:
    """Return the flow that has the slug, whatever its name is; None where there is none."""
    found = None if wanted.slug is None else flow_with_slug(client, wanted.slug)
    if found is not None:
        _refuse_archived(found, f"the flow with the slug {wanted.slug}")
    return found


def _refuse_archived(found: FlowSummary, what: str) -> None:
    if found.status == "archived":
        message = f"{what} ({found.id}) is archived: restore it, or take it out of the file"
        raise CommandFailed(message)


def _named(client: Client, name: str) -> Flow | None:
    """Return the one flow of a name, or None where there is none."""
    found: list[FlowSummary] = []
    for query in ({"name": name}, {"name": name, "status": "archived"}):
        listed = client.flows.list(checked(ListFlows, query))
        found += [each for each in listed if isinstance(each, FlowSummary) and each.name == name]
    if len(found) > 1:
        ids = ", ".join(each.id for each in found[:5])
        message = f"{counted(len(found), 'flow', 'is', 'are')} named {name!r} ({ids}): rename or delete all but one"
        raise CommandFailed(message)
    if not found:
        return None
    _refuse_archived(found[0], f"the flow {name!r}")
    return client.flows.get(found[0].id)


def _published_as(client: Client, flow: Flow, definition: Definition) -> int | None:
    """Return the newest version that has this definition, by the digest that devices check."""
    digest = hashlib.sha256(FlowArtifact(definition=definition).canonical_bytes()).hexdigest()
    listed = client.flows.versions(flow.id)
    return next((each.version for each in listed if isinstance(each, VersionSummary) and each.sha256 == digest), None)


def _see_that_nobody_works_on(client: Client, flow: Flow) -> None:
    """Refuse to write over a draft that holds what no version has."""
    if flow.status != "draft" or _published_as(client, flow, flow.definition) is not None:
        return
    message = (
        f"the draft of {flow.name!r} ({flow.id}) holds a definition that was never published and is not the file's: "
        "publish it, or let --replace-drafts write over it"
    )
    raise CommandFailed(message)


def _version_of(step: FlowStep, deploy: Deploy) -> int | None:
    """Return the version that an entry wants, None where it is made by this run.

    Raises:
        CommandFailed: there is none.
    """
    if deploy.version is not None:
        latest = step.current.latest_version if step.current else None
        if deploy.version > (latest or 0):
            message = f"{step.wanted.name!r} has no version {deploy.version}: the newest is {latest or 'not there yet'}"
            raise CommandFailed(message)
        return deploy.version
    if step.publish:
        return None
    if step.version is None:
        message = f"{step.wanted.name!r} has no version yet, and the file no definition that could be published"
        raise CommandFailed(message)
    return step.version


def _all_of(deploy: Deploy, version: int | None) -> DeployStep:
    return DeployStep(deploy, version, deploy.devices, deploy.groups)


@dataclass
class _World:
    """What is known of a flow on the fleet: its deployments, newest first, and what devices report."""

    client: Client
    flow_id: str
    deployments: list[DeploymentSummary]
    _targets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _running: dict[int, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, client: Client, flow_id: str) -> "_World":
        listed = client.deployments.list(checked(ListDeployments, {"flow_id": flow_id}))
        return cls(client, flow_id, [each for each in listed if isinstance(each, DeploymentSummary)])

    def targets(self, deployment_id: str) -> tuple[str, ...]:
        """The devices of a deployment, as far as they are known: its start finds who is in a group."""
        if deployment_id not in self._targets:
            listed = self.client.deployments.targets(deployment_id)
            self._targets[deployment_id] = tuple(each.device_id for each in listed if isinstance(each, TargetView))
        return self._targets[deployment_id]

    def running(self, version: int) -> frozenset[str]:
        """The devices that report this version as their live one."""
        if version not in self._running:
            query = checked(ListDevices, {"flow_id": self.flow_id, "version": version})
            listed = self.client.devices.list(query)
            self._running[version] = frozenset(each.device_id for each in listed if isinstance(each, DeviceSummary))
        return self._running[version]


def _deploy_step(world: _World, deploy: Deploy, version: int | None) -> DeployStep:
    """Find out who still needs the version. Raises CommandFailed where another rollout has them."""
    newest = world.deployments[0].id if world.deployments else None
    under_way: dict[str, None] = {}
    left = next((each for each in world.deployments if _was_left_unstarted(world, each, deploy, version)), None)
    start = () if left is None else (left.id,)
    to_come = () if left is None else world.targets(left.id)
    groups, members = deploy.groups, deploy.devices
    last = None
    if left is not None and left.target_groups:
        groups, members = (), ()  # its start finds out who they are
    elif deploy.groups:
        last = _newest_to(world, deploy.groups)
    if last is not None and _brings(last, version):
        groups = ()
        if last.status == "completed":
            members = tuple(dict.fromkeys((*members, *world.targets(last.id))))
        else:
            under_way[last.id] = None
    elif last is not None and last.status not in ENDED:
        raise _in_the_way(last, f"the group {', '.join(last.target_groups)}")
    running = frozenset() if version is None else world.running(version)
    missing = [device for device in members if device not in running and device not in to_come]
    holders = _holders(world) if missing else {}
    needing: list[str] = []
    for device in missing:
        holder = holders.get(device)
        if holder is None:
            needing.append(device)
        elif _brings(holder, version):
            under_way[holder.id] = None
        else:
            raise _in_the_way(holder, device)
    return DeployStep(deploy, version, tuple(needing), groups, tuple(under_way), start, newest)


def _was_left_unstarted(world: _World, made: DeploymentSummary, deploy: Deploy, version: int | None) -> bool:
    """Tell whether this is what an earlier run created for the entry before it was cut off."""
    return (
        made.status == "pending"
        and _brings(made, version)
        and made.strategy == deploy.strategy
        and set(made.target_groups) == set(deploy.groups)
        and (bool(deploy.groups) or set(world.targets(made.id)) <= set(deploy.devices))
        and all(made.config.get(name) == value for name, value in written(deploy.config).items())
    )


def _newest_to(world: _World, groups: Iterable[str]) -> DeploymentSummary | None:
    wanted = set(groups)
    started = (each for each in world.deployments if each.status != "pending")
    return next((each for each in started if set(each.target_groups) == wanted), None)


def _brings(deployment: DeploymentSummary, version: int | None) -> bool:
    return (
        version is not None
        and deployment.action == "deploy"
        and deployment.flow_version == version
        and (deployment.status in _ON_ITS_WAY or deployment.status == "completed")
    )


def _holders(world: _World) -> dict[str, DeploymentSummary]:
    """Return which deployment has a device at the moment: one at a time can."""
    at_work = [each for each in world.deployments if each.status not in ENDED and each.status != "pending"]
    return {device: each for each in at_work for device in world.targets(each.id)}


def _in_the_way(holder: DeploymentSummary, whom: str) -> CommandFailed:
    what = "the removal" if holder.action == "remove" else f"version {holder.flow_version}"
    return CommandFailed(
        f"{holder.id} has {whom}: {what} is {holder.status}; wait for its end "
        f"(`edgeflow watch {holder.id}`), or cancel it"
    )
