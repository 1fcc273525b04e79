"""Creating a deployment: everything it will go by is resolved and frozen here; nothing starts yet.

Who is in its groups is the one exception: that is resolved when it starts.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from edgeflow.contract.history.deployments import DeploymentCreated
from edgeflow.contract.history.details import Actor
from edgeflow.contract.rest.deployments import CreateDeployment as Request
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Artifact, Deployment, DeploymentStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, Fault, InvalidRequest, NotFound
from edgeflow.domain.fleet import DeviceFilter
from edgeflow.domain.flows import FlowState
from edgeflow.domain.history import Entry
from edgeflow.domain.ids import new_deployment_id
from edgeflow.domain.rules import too_short_for_window
from edgeflow.domain.settings import rules_of, settings_of
from edgeflow.domain.strategies import Strategy, too_many_waves
from edgeflow.use_cases.deployments.ports import DeploymentRecords, Manifests, ThingGroups
from edgeflow.use_cases.devices.ports import FindDevices, Registry
from edgeflow.use_cases.flows.ports import DeployableFlows


@dataclass(frozen=True, slots=True)
class CreateDeployment:
    """Create a deployment in status pending."""

    deployments: DeploymentRecords
    flows: DeployableFlows
    registry: Registry
    devices: FindDevices
    groups: ThingGroups
    manifests: Manifests
    clock: Clock
    health_window: timedelta
    """Of deployments that set none."""
    stack: str
    """What the ids of its deployments begin with."""

    def __call__(self, request: Request, *, by: Actor) -> Deployment:
        """Return the new deployment.

        Raises:
            InvalidRequest: the flow (unless it is removed from devices that report it and does not roll back by
                itself), the version, some devices or some groups do not exist, the rollout has too many waves, or a
                wave no time for the health window; all faults at once.
            Conflict: the flow was never published, or is archived and not to be removed.
        """
        device_ids = list(dict.fromkeys(request.target_devices))
        group_names = list(dict.fromkeys(request.target_groups))
        strategy = Strategy(request.strategy)
        rules = rules_of(request.config, default_window=self.health_window)
        if request.action == "remove":
            rules = replace(rules, health_window_seconds=None)
        faults: list[Fault] = []
        flow_id = self._flow_id(request, faults)
        request = request.model_copy(update={"flow_id": flow_id})
        artifact = self._artifact(request, faults) if flow_id else None
        if request.action == "remove" and request.config.health_window is not None:
            faults.append(Fault("/config/health_window", "a flow that is removed has no health window; leave it out"))
        waves_fault = too_many_waves(len(device_ids), strategy, rules)
        if waves_fault is not None:
            faults.append(Fault("/config/batch_size", waves_fault))
        window_fault = too_short_for_window(rules)
        if window_fault is not None:
            faults.append(Fault("/config/timeout", window_fault))
        faults += self._group_faults(request, group_names)
        faults += self._device_faults(request, device_ids)  # last: there can be more than an answer lists
        if faults:
            raise InvalidRequest(faults)
        now = self.clock()
        deployment = Deployment(
            id=new_deployment_id(now, self.stack),
            flow_id=request.flow_id,
            artifact=artifact,
            strategy=strategy,
            rules=rules,
            status=DeploymentStatus.PENDING,
            status_reason="waiting to be started",
            total_targets=0 if group_names else len(device_ids),
            target_groups=tuple(group_names),
            created_at=timestamp(now),
            created_by=by.name,
        )
        # The list first: a deployment never exists without it, and a list without a deployment harms nobody.
        self.manifests.write(deployment.id, device_ids, group_names=group_names)
        entry = Entry(at=deployment.created_at, actor=by, details=created(deployment))
        self.deployments.create(deployment, entry=entry)
        return deployment

    def _flow_id(self, request: Request, faults: list[Fault]) -> str:
        """Return the id of the flow that is asked for; empty where a fault was found."""
        try:
            return self.flows.find(request.flow_id)
        except NotFound as error:
            faults.append(Fault("/flow_id", str(error)))
            return ""

    def _artifact(self, request: Request, faults: list[Fault]) -> Artifact | None:
        """Return what is deployed; None for a removal, or where a fault was found."""
        removes = request.action == "remove"
        try:
            flow = self.flows.get(request.flow_id)
        except NotFound:
            faults += self._gone(request)
            return None
        except CannotBeRead:
            if removes:
                return None  # nothing of the flow is needed to take it off devices
            raise
        if flow.state is FlowState.ARCHIVED and not removes:
            message = f"flow {flow.id} is archived; restore it to deploy it"
            raise Conflict(message)
        if flow.latest_version is None:
            message = f"flow {flow.id} has no published version; publish it first"
            raise Conflict(message)
        if removes:
            return None
        version = request.flow_version or flow.latest_version
        try:
            return self.flows.artifact(flow.id, version)
        except NotFound:
            newest = flow.latest_version
            faults.append(Fault("/flow_version", f"flow {flow.id} has no version {version}; its newest is {newest}"))
            return None

    def _gone(self, request: Request) -> list[Fault]:
        """Return what is wrong with a flow that is not there. What devices still run of it can be taken off them."""
        fault = Fault("/flow_id", f"there is no flow {request.flow_id}")
        if request.action != "remove" or not self._is_somewhere(request.flow_id):
            return [fault]
        if not request.config.auto_rollback:
            return []
        message = f"flow {request.flow_id} was deleted: there is no version left to return to; set it to false"
        return [Fault("/config/auto_rollback", message)]

    def _is_somewhere(self, flow_id: str) -> bool:
        """Tell whether a device reports the flow."""
        after: str | None = None
        while True:
            found, after = self.devices.page(limit=1, after=after, wanted=DeviceFilter(flow_id=flow_id))
            if found or after is None:
                return bool(found)

    def _device_faults(self, request: Request, device_ids: list[str]) -> list[Fault]:
        places = {device_id: place for place, device_id in reversed(list(enumerate(request.target_devices)))}
        return [
            Fault(
                f"/target_devices/{places[device_id]}",
                f"device {device_id} is not registered; POST /v1/devices does that",
            )
            for device_id in self.registry.missing(device_ids)
        ]

    def _group_faults(self, request: Request, group_names: list[str]) -> list[Fault]:
        return [
            Fault(f"/target_groups/{request.target_groups.index(name)}", f"there is no thing group {name} in AWS IoT")
            for name in self.groups.unknown(group_names)
        ]


def created(deployment: Deployment) -> DeploymentCreated:
    """Return what the history tells of a new deployment."""
    return DeploymentCreated(
        flow_id=deployment.flow_id,
        action=deployment.action.value,
        flow_version=deployment.version,
        strategy=deployment.strategy.value,
        config=settings_of(deployment.strategy, deployment.rules).model_dump(mode="json"),
        total_targets=deployment.total_targets if deployment.resolved else None,
        target_groups=list(deployment.target_groups),
        retry_of=deployment.retry_of,
    )
