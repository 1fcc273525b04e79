"""Starting a deployment, and going on with a paused one."""

from dataclasses import dataclass
from typing import assert_never

from edgeflow.contract.rest.events import Actor, BreachAccepted, Details, Resumed, Started, TargetsResolved
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.domain.flows import FlowState
from edgeflow.domain.history import Entry
from edgeflow.use_cases.claims import Claims, describe_conflicts
from edgeflow.use_cases.ports import DeployableFlows, Deployments, Manifests, Waves, Workflows
from edgeflow.use_cases.resolve_targets import ResolveTargets


@dataclass(frozen=True, slots=True)
class StartDeployment:
    """Start, or go on. What an earlier call left half done is completed by the next one."""

    deployments: Deployments
    manifests: Manifests
    resolve_targets: ResolveTargets
    flows: DeployableFlows
    waves: Waves
    claims: Claims
    workflows: Workflows
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor) -> Deployment:
        """Return the deployment as it stands then; ``by`` is who asked for it.

        Raises:
            NotFound: there is no such deployment.
            Conflict: its status does not allow it, another deployment holds some of its devices, or its groups do not
                come to targets.
            Unavailable: the execution could not be started now; starting again goes on.
        """
        deployment = self.deployments.get(deployment_id)
        match deployment.status:
            case DeploymentStatus.PENDING:
                self._refuse_archived(deployment)
                self._settle_targets(deployment, by=by)
                return self._run(deployment, f"started by {by}", self._entry(by, Started()))
            case DeploymentStatus.PAUSED:
                self._accept_breach(deployment, by=by)
                return self._run(deployment, f"resumed by {by}", self._entry(by, Resumed()))
            case DeploymentStatus.RUNNING if not deployment.execution_started or deployment.resume_token:
                return self._go_on(deployment)  # an earlier call died half-way
            case DeploymentStatus.RUNNING:
                message = "the deployment is running already"
                raise Conflict(message)
            case DeploymentStatus.ROLLING_BACK | DeploymentStatus.ROLLED_BACK:
                message = f"the deployment is {deployment.status}; create a new one to deploy again"
                raise Conflict(message)
            case DeploymentStatus.COMPLETED | DeploymentStatus.FAILED:
                message = f"the deployment has ended ({deployment.status}); create a new one to deploy again"
                raise Conflict(message)
            case _:
                assert_never(deployment.status)

    def _accept_breach(self, deployment: Deployment, *, by: Actor) -> None:
        """Take the failures of a breach as tolerated: whoever goes on after it has decided so."""
        name = deployment.breached_wave
        if name is None or deployment.rules.auto_rollback:
            return
        wave = self.waves.get(deployment.id, name)
        breach = wave.breach() if wave is not None else None
        if breach is not None:
            self.waves.tolerate(deployment.id, name, breach.failed)
        # An earlier call that died in between has raised the number already.
        tolerated = breach.failed if breach is not None else (wave.tolerated if wave is not None else 0)
        details = BreachAccepted(wave=int(name), tolerated=tolerated)
        self.deployments.accept_breach(deployment.id, entry=self._entry(by, details))

    def _refuse_archived(self, deployment: Deployment) -> None:
        if self.flows.get(deployment.flow_id).state is FlowState.ARCHIVED:
            message = f"flow {deployment.flow_id} was archived since; restore it to deploy it"
            raise Conflict(message)

    def _settle_targets(self, deployment: Deployment, *, by: Actor) -> None:
        """Resolve the groups and freeze what they come to, unless an earlier call did; refuse devices held by others.

        A call that is refused freezes nothing: the next one sees the groups as they are then.
        """
        targets = self.resolve_targets(deployment)
        conflicts = self.claims.conflicts(deployment.id, deployment.flow_id, targets)
        if conflicts:
            raise Conflict(describe_conflicts(conflicts))
        if not deployment.resolved:
            frozen = self.manifests.freeze(deployment.id, targets)
            entry = self._entry(by, TargetsResolved(total_targets=len(frozen)))
            self.deployments.resolved(deployment.id, total=len(frozen), entry=entry)

    def _run(self, deployment: Deployment, reason: str, entry: Entry) -> Deployment:
        running = self.deployments.change_status(
            deployment.id,
            allowed={deployment.status},
            to=DeploymentStatus.RUNNING,
            reason=reason,
            at=entry.at,
            entry=entry,
        )
        return self._go_on(running)

    def _entry(self, by: Actor, details: Details) -> Entry:
        return Entry(at=timestamp(self.clock()), actor=by, details=details)

    def _go_on(self, deployment: Deployment) -> Deployment:
        if not deployment.execution_started:
            payload = {"deployment_id": deployment.id}
            arn = self.workflows.start(deployment.strategy.machine, deployment.id, payload)
            self.deployments.mark_execution_started(deployment.id, arn)
        elif deployment.resume_token is not None:
            self.workflows.answer(deployment.resume_token, {"resumed": True})
            self.deployments.resumed(deployment.id, deployment.resume_token)
        return self.deployments.get(deployment.id)
