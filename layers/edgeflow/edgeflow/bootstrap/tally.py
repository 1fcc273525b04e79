"""Counting targets, from the table's stream."""

from edgeflow.bootstrap import services, stores
from edgeflow.bootstrap.dead_letters import dead_letters
from edgeflow.domain.clock import utc_now
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from edgeflow.use_cases.rollout.tally_wave import TallyWave
from edgeflow.use_cases.rollout.watch_waves import WatchWaves


def tally_wave() -> TallyWave:
    """Return the operation of functions/tally_wave."""
    return TallyWave(stores.deployments(), stores.waves(), watch_waves(), answer_wave(), dead_letters())


def watch_waves() -> WatchWaves:
    """Return the operation behind the command ``watch_waves``."""
    return WatchWaves(stores.deployments(), stores.waves(), services.workflows(), utc_now)


def answer_wave() -> AnswerWave:
    """Return the operation that wakes the state machine that waits for a wave."""
    return AnswerWave(stores.waves(), services.workflows(), utc_now)
