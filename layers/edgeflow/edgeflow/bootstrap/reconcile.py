"""The safety net."""

from edgeflow.bootstrap import services, stores
from edgeflow.bootstrap.deployments import resume_deployment, start_deployment
from edgeflow.bootstrap.durations import reconcile_grace
from edgeflow.bootstrap.rollout import (
    conclude_rollback,
    conclude_rollout,
    recover_reports,
    rollback_deployment,
    wind_down,
)
from edgeflow.bootstrap.tally import answer_wave
from edgeflow.domain.clock import utc_now
from edgeflow.use_cases.deployments.reconcile import Reconcile


def reconcile() -> Reconcile:
    """Return the operation of functions/reconcile."""
    return Reconcile(
        deployments=stores.deployments(),
        targets=stores.targets(),
        waves=stores.waves(),
        workflows=services.workflows(),
        start=start_deployment(),
        resume=resume_deployment(),
        rollback=rollback_deployment(),
        wind_down=wind_down(),
        recover_reports=recover_reports(),
        conclude_rollout=conclude_rollout(),
        conclude_rollback=conclude_rollback(),
        answer_wave=answer_wave(),
        clock=utc_now,
        grace=reconcile_grace(),
    )
