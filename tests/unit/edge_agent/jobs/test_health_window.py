"""The health window: a version passes only when it was healthy for all of it."""

from collections.abc import Callable

import pytest

from edge_agent.flows.runtime import START_SECONDS
from edge_agent.jobs.health_window import Cancelled, HealthGate, Stopping, Unwell
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health, NodeHealth

ILL = NodeHealth(node_id="n1", health=Health.UNHEALTHY, error="the sensor is gone")


class Patient:
    """A flow whose health a test tells, look by look; time passes a second a look."""

    def __init__(self, *looks: Health) -> None:
        """The last look stays."""
        self._looks = list(looks)
        self.seconds = 0.0
        self.got_over: list[NodeHealth] = []
        self.grace = 0.0
        self.proof = 0.0
        self.proof_switched = 0.0
        self.runs: int | None = 1

    def monotonic(self) -> float:
        """Return the time."""
        return self.seconds

    def health(self, flow_id: str, *, standby: bool = False) -> tuple[Health, tuple[NodeHealth, ...]]:  # noqa: ARG002  part of the port
        """Return the next look."""
        self.seconds += 1
        look = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        return look, (ILL,) if look is Health.UNHEALTHY else ()

    def running(self, *, standby: bool = False) -> dict[str, int]:  # noqa: ARG002  part of the port
        """Return what runs."""
        return {"flow_1": self.runs} if self.runs is not None else {}

    def start_seconds(self, flow_id: str, *, standby: bool = False) -> float:  # noqa: ARG002  part of the port
        return self.grace

    def proof_seconds(self, flow_id: str, *, standby: bool = False, switched: bool = False) -> float:  # noqa: ARG002  part of the port
        return self.proof_switched if switched else self.proof

    def reason(self, flow_id: str, *, standby: bool = False) -> Reason:  # noqa: ARG002  part of the port
        """See Patients."""
        return Reason.UNHEALTHY

    def failures(self, flow_id: str, *, standby: bool = False) -> tuple[NodeHealth, ...]:  # noqa: ARG002  part of the port
        """Return what it got over."""
        return tuple(self.got_over)


def watch(patient: Patient, window: float, *, cancelled: bool = False, switched: bool = False) -> HealthGate:
    """Watch a patient to the end; woken all the time, so that no test waits."""
    watching = HealthGate(patient, monotonic=patient.monotonic)

    def asked() -> bool:
        watching.wake()
        return cancelled

    watching("flow_1", window_seconds=window, cancelled=asked, switched=switched)
    return watching


def test_healthy_for_the_whole_window_passes() -> None:
    patient = Patient(Health.STARTING, Health.HEALTHY)
    watch(patient, 5)
    assert patient.seconds >= 7


@pytest.mark.parametrize(
    ("window", "switched", "watched"), [(5.0, False, 30.0), (29.0, False, 30.0), (40.0, False, 40.0), (5.0, True, 60.0)]
)
def test_no_window_is_shorter_than_the_flow_needs_to_fail(window: float, switched: bool, watched: float) -> None:  # noqa: FBT001  a case
    patient = Patient(Health.HEALTHY)
    patient.proof, patient.proof_switched = 30, 60
    watch(patient, window, switched=switched)
    assert patient.seconds == watched + 1
    late = Patient(*[Health.HEALTHY] * int(watched), Health.UNHEALTHY)
    late.proof, late.proof_switched = 30, 60
    with pytest.raises(Unwell):
        watch(late, window, switched=switched)


def test_what_a_flow_needs_to_fail_is_known_only_when_it_runs() -> None:
    patient = Patient(Health.STARTING, Health.STARTING, Health.HEALTHY)
    looks = patient.health

    def starts(flow_id: str, *, standby: bool = False) -> tuple[Health, tuple[NodeHealth, ...]]:
        look = looks(flow_id, standby=standby)
        patient.proof = 20 if look[0] is Health.HEALTHY else 0
        return look

    patient.health = starts  # type: ignore[method-assign]
    watch(patient, 2)
    assert patient.seconds == 3 + 20


def test_unhealthy_ends_it_at_once_and_names_the_node() -> None:
    patient = Patient(Health.HEALTHY, Health.HEALTHY, Health.UNHEALTHY)
    with pytest.raises(Unwell, match="n1: the sensor is gone"):
        watch(patient, 60)
    assert patient.seconds == 3


def test_a_node_that_fails_and_gets_over_it_does_not_pass() -> None:
    patient = Patient(Health.HEALTHY)
    patient.got_over = [ILL]
    watch(patient, 2)  # what was before the window does not count
    flapping = Patient(Health.HEALTHY)
    looks = flapping.failures

    def one_more(flow_id: str, *, standby: bool = False) -> tuple[NodeHealth, ...]:
        flapping.got_over.append(ILL)
        return looks(flow_id, standby=standby)

    flapping.failures = one_more  # type: ignore[method-assign]
    with pytest.raises(Unwell, match="the sensor is gone"):
        watch(flapping, 2)


def test_a_flow_that_never_starts_is_not_waited_for_for_ever() -> None:
    patient = Patient(Health.STARTING)
    with pytest.raises(Unwell, match="did not start"):
        watch(patient, 1)
    assert patient.seconds >= START_SECONDS


def test_a_cancelled_job_is_watched_no_longer() -> None:
    with pytest.raises(Cancelled):
        watch(Patient(Health.HEALTHY), 60, cancelled=True)


def test_a_stop_ends_watches_and_pauses() -> None:
    watching = HealthGate(Patient(Health.HEALTHY), monotonic=lambda: 0)
    watching.stop()
    with pytest.raises(Stopping):
        watching("flow_1", window_seconds=60, cancelled=lambda: False)
    with pytest.raises(Stopping):
        watching.pause(60)


class Clock:
    """Goes on a second each time that somebody asks for the time; wakes who waits, so that no test does."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.wake: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        """Return the time."""
        self.seconds += 1
        self.wake()
        return self.seconds


def settle(patient: Patient, version: int | None = 1, clock: Clock | None = None) -> tuple[int | None, str]:
    """Wait until it is known whether a version runs."""
    clock = clock or Clock()
    watching = HealthGate(patient, monotonic=clock)
    clock.wake = watching.wake
    settled = watching.settle("flow_1", version)
    return settled.version, settled.why


def test_what_runs_is_known_at_once_however_well_it_is() -> None:
    clock = Clock()
    assert settle(Patient(Health.UNHEALTHY), clock=clock) == (1, "")
    assert clock.seconds == 1


@pytest.mark.parametrize(
    ("health", "why"), [(Health.STARTING, "the flow does not run"), (Health.UNHEALTHY, "node n1: the sensor is gone")]
)
def test_what_does_not_run_is_waited_for_as_long_as_a_start_may_take(health: Health, why: str) -> None:
    patient, clock = Patient(health), Clock()
    patient.runs = None
    assert settle(patient, clock=clock) == (None, why)
    assert START_SECONDS <= clock.seconds <= START_SECONDS + 2


def test_what_is_to_end_is_waited_for_as_long() -> None:
    patient, clock = Patient(Health.HEALTHY), Clock()
    assert settle(patient, None, clock) == (1, "version 1 still runs")
    assert clock.seconds >= START_SECONDS
    patient.runs = None
    assert settle(patient, None) == (None, "")


def test_nothing_is_waited_for_when_the_agent_stops_or_the_job_is_cancelled() -> None:
    patient = Patient(Health.STARTING)
    patient.runs = None
    watching = HealthGate(patient, monotonic=lambda: 0)
    with pytest.raises(Cancelled):
        watching.settle("flow_1", 1, cancelled=lambda: True)
    watching.stop()
    with pytest.raises(Stopping):
        watching.settle("flow_1", 1)
