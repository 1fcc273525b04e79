"""AWS as the ports see it, in memory: jobs, executions, lists, registry, flows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from edgeflow.contract.flow import Definition
from edgeflow.contract.history.details import Actor
from edgeflow.contract.job import JobDocument
from edgeflow.domain.clock import timestamp
from edgeflow.domain.deployments import (
    Artifact,
)
from edgeflow.domain.errors import NotFound, NotOurs
from edgeflow.domain.flows import Flow, FlowState
from edgeflow.use_cases.deployments.ports import Manifest
from edgeflow.use_cases.rollout.ports import ExecutionState, JobExecution
from edgeflow.use_cases.rollout.set_aside import SetAside
from tests.unit.use_cases.memory import MOMENT, Port, port_call


class MemoryJobs(Port):
    """See ports.Jobs."""

    def create(self, job_id: str, device_ids: Sequence[str], document: JobDocument) -> None:
        meanwhile, self.world.before_job = self.world.before_job, None
        if meanwhile is not None:
            meanwhile()
        self._create(job_id, device_ids, document)

    @port_call
    def _create(self, job_id: str, device_ids: Sequence[str], document: JobDocument) -> None:
        if set(device_ids) - self.world.registered:
            raise NotFound(job_id)
        if job_id in self.world.foreign_jobs:
            message = f"AWS IoT has a job {job_id} that the stack did not create"
            raise NotOurs(message)
        if job_id not in self.world.jobs:
            self.world.documents[job_id] = document
            self.world.jobs[job_id] = {
                device: JobExecution(device_id=device, status="QUEUED", started=False) for device in device_ids
            }

    @port_call
    def cancel(self, job_id: str) -> None:
        self.world.cancelled.add(job_id)
        if not self.world.cancels_lag:
            self.world.end_cancelled()

    @port_call
    def cancel_execution(self, job_id: str, device_id: str) -> None:
        self.world.cancelled_parts.add((job_id, device_id))
        if not self.world.cancels_lag:
            self.world.end_cancelled()

    @port_call
    def execution(self, job_id: str, device_id: str) -> JobExecution | None:
        return self.world.jobs.get(job_id, {}).get(device_id)

    @port_call
    def executions(self, job_id: str) -> dict[str, JobExecution]:
        return dict(self.world.still_cancelling.get(job_id) or self.world.jobs.get(job_id, {}))

    @port_call
    def details(self, job_id: str, device_id: str) -> Mapping[str, str]:
        return self.world.job_details.get((job_id, device_id), {})

    @port_call
    def missing(self, device_ids: Iterable[str]) -> list[str]:
        return [device for device in device_ids if device not in self.world.registered]

    def artifact_url(self, sha256: str) -> str:
        return f"https://artifacts.test/{sha256}"


class MemoryWorkflows(Port):
    """See ports.Workflows."""

    @port_call
    def start(self, machine: str, name: str, payload: Mapping[str, object]) -> str:
        arn = self.execution_arn(machine, name)
        self.world.executions.setdefault(arn, payload)
        return arn

    def execution_arn(self, machine: str, name: str) -> str:
        return f"{machine}:{name}"

    @port_call
    def state(self, execution_arn: str) -> ExecutionState | None:
        if execution_arn in self.world.stopped:
            return ExecutionState(status="ABORTED", ended_at=timestamp(MOMENT))
        return ExecutionState(status="RUNNING") if execution_arn in self.world.executions else None

    @port_call
    def stop(self, execution_arn: str, reason: str) -> None:  # noqa: ARG002  part of the port
        self.world.stopped.add(execution_arn)

    @port_call
    def answer(self, task_token: str, output: Mapping[str, object]) -> bool:
        if task_token in self.world.answers:
            return False
        self.world.answers[task_token] = output
        return True


class MemoryDispatchQueue(Port):
    """See ports.DispatchQueue."""

    @port_call
    def wind_down(self, deployment_id: str) -> None:
        self.world.orders.add(deployment_id)

    @port_call
    def give_up(self, deployment_id: str, device_id: str, *, by: Actor, asked_at: str, after: timedelta) -> None:  # noqa: ARG002  part of the port
        self.world.given_up.add((deployment_id, device_id, asked_at))


class MemoryManifests(Port):
    """See ports.Manifests."""

    @port_call
    def write(self, deployment_id: str, device_ids: Sequence[str], *, group_names: Sequence[str] = ()) -> None:
        if group_names:
            self.world.asked[deployment_id] = Manifest(devices=tuple(device_ids), groups=tuple(group_names))
        else:
            self.world.manifests[deployment_id] = list(device_ids)

    @port_call
    def asked(self, deployment_id: str) -> Manifest:
        frozen = self.world.manifests.get(deployment_id)
        asked = self.world.asked.get(deployment_id)
        if asked is None:
            return Manifest(devices=tuple(frozen or ()), targets=tuple(frozen or ()))
        return replace(asked, targets=None if frozen is None else tuple(frozen))

    @port_call
    def freeze(self, deployment_id: str, targets: Sequence[str]) -> list[str]:
        return list(self.world.manifests.setdefault(deployment_id, list(targets)))

    @port_call
    def read(self, deployment_id: str) -> list[str]:
        if deployment_id not in self.world.manifests:
            raise NotFound(deployment_id)
        return list(self.world.manifests[deployment_id])


class MemoryGroups(Port):
    """See ports.ThingGroups."""

    @port_call
    def unknown(self, group_names: Iterable[str]) -> list[str]:
        return [name for name in group_names if name not in self.world.groups]

    @port_call
    def members(self, group_name: str) -> list[str]:
        if group_name not in self.world.groups:
            raise NotFound(group_name)
        return list(self.world.groups[group_name])


class MemoryRegistry(Port):
    """See ports.Registry."""

    @port_call
    def missing(self, device_ids: Iterable[str]) -> list[str]:
        return [device for device in device_ids if device not in self.world.registered]


class MemoryFlows(Port):
    """See ports.DeployableFlows; every flow is published, and has no slug."""

    @port_call
    def find(self, reference: str) -> str:
        return reference

    @port_call
    def get(self, flow_id: str) -> Flow:
        return Flow(
            id=flow_id,
            name="",
            description="",
            tags=(),
            state=FlowState.PUBLISHED,
            definition=Definition(),
            revision=1,
            created_at="",
            created_by="",
            updated_at="",
        )

    @port_call
    def artifact(self, flow_id: str, version: int) -> Artifact:
        if (flow_id, version) not in self.world.versions:
            raise NotFound(flow_id)
        return self.world.versions[flow_id, version]


class MemoryDeadLetters(Port):
    """See set_aside.DeadLetters."""

    @port_call
    def keep(self, record: SetAside) -> None:
        self.world.dead_letters.append(record)
