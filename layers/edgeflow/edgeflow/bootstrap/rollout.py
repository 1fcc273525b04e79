"""The steps of a rollout and of its way back."""

from edgeflow.bootstrap import bucket, services, stores
from edgeflow.bootstrap.tally import answer_wave
from edgeflow.domain.clock import utc_now
from edgeflow.use_cases.reports.ingest_report import IngestReport
from edgeflow.use_cases.rollout.await_resume import AwaitResume
from edgeflow.use_cases.rollout.claims import Claims
from edgeflow.use_cases.rollout.close_return import CloseReturn
from edgeflow.use_cases.rollout.close_wave import CloseWave
from edgeflow.use_cases.rollout.conclude_rollback import ConcludeRollback
from edgeflow.use_cases.rollout.conclude_rollout import ConcludeRollout
from edgeflow.use_cases.rollout.finish_deployment import FinishDeployment
from edgeflow.use_cases.rollout.ingest_execution import IngestExecution
from edgeflow.use_cases.rollout.plan_rollback import PlanRollback
from edgeflow.use_cases.rollout.plan_rollout import PlanRollout
from edgeflow.use_cases.rollout.recover_reports import RecoverReports
from edgeflow.use_cases.rollout.return_late import ReturnLate
from edgeflow.use_cases.rollout.rollback_deployment import RollbackDeployment
from edgeflow.use_cases.rollout.skip_targets import SkipTargets
from edgeflow.use_cases.rollout.wind_down import WindDown


def claims() -> Claims:
    """Return who holds which flow on which device."""
    return Claims(stores.deployments(), stores.installs())


def plan_rollout() -> PlanRollout:
    """Return the operation of functions/plan_rollout."""
    devices = stores.devices()
    return PlanRollout(
        stores.deployments(),
        stores.targets(),
        claims(),
        bucket.manifests(),
        devices,
        devices,
        _skip_targets(),
        utc_now,
    )


def plan_rollback() -> PlanRollback:
    """Return the operation of functions/plan_rollback."""
    return PlanRollback(
        deployments=stores.deployments(),
        targets=stores.targets(),
        waves=stores.waves(),
        installs=stores.installs(),
        claims=claims(),
        workflows=services.workflows(),
        close_wave=close_wave(),
        skip_targets=_skip_targets(),
        clock=utc_now,
    )


def conclude_rollout() -> ConcludeRollout:
    """Return the operation of functions/conclude_rollout."""
    return ConcludeRollout(
        deployments=stores.deployments(),
        targets=stores.targets(),
        close_wave=close_wave(),
        skip_targets=_skip_targets(),
        finish_deployment=_finish_deployment(),
        clock=utc_now,
    )


def conclude_rollback() -> ConcludeRollback:
    """Return the operation of functions/conclude_rollback."""
    return ConcludeRollback(stores.deployments(), stores.targets(), _finish_deployment(), return_late(), utc_now)


def rollback_deployment() -> RollbackDeployment:
    """Return the operation behind ``…/rollback``."""
    return RollbackDeployment(
        stores.deployments(), stores.targets(), stores.installs(), claims(), services.workflows(), utc_now
    )


def return_late() -> ReturnLate:
    """Return the operation that returns devices which a rollback has passed by."""
    return ReturnLate(stores.deployments(), stores.targets(), stores.installs(), claims(), rollback_deployment())


def close_wave() -> CloseWave:
    """Return the operation behind the command ``close_wave``."""
    return CloseWave(
        deployments=stores.deployments(),
        targets=stores.targets(),
        waves=stores.waves(),
        jobs=services.jobs(),
        ingest_execution=_ingest_execution(),
        answer_wave=answer_wave(),
        clock=utc_now,
    )


def close_return() -> CloseReturn:
    """Return the operation behind the command ``close_return``."""
    return CloseReturn(
        targets=stores.targets(),
        waves=stores.waves(),
        jobs=services.jobs(),
        ingest_execution=_ingest_execution(),
        answer_wave=answer_wave(),
        clock=utc_now,
    )


def recover_reports() -> RecoverReports:
    """Return the operation that finds the reports which never arrived."""
    return RecoverReports(stores.deployments(), stores.targets(), services.jobs(), _ingest_execution())


def ingest_report() -> IngestReport:
    """Return the operation that takes in the end of a device's job."""
    return IngestReport(
        stores.deployments(), stores.targets(), stores.waves(), stores.installs(), stores.flows(), utc_now
    )


def await_resume() -> AwaitResume:
    """Return the operation behind the command ``await_resume``."""
    return AwaitResume(stores.deployments(), services.workflows(), utc_now)


def wind_down() -> WindDown:
    """Return the operation behind the command ``wind_down``."""
    return WindDown(stores.deployments(), services.workflows(), conclude_rollout())


def _skip_targets() -> SkipTargets:
    return SkipTargets(stores.targets(), utc_now)


def _finish_deployment() -> FinishDeployment:
    return FinishDeployment(stores.deployments(), bucket.manifests(), claims())


def _ingest_execution() -> IngestExecution:
    return IngestExecution(services.jobs(), ingest_report(), utc_now)
