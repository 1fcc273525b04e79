"""The state machines of one deployment, played over a cloud in memory as their definitions have them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import DEPLOYMENT, ME, Cloud, rollback_request
from tests.unit.use_cases.memory import MOMENT, World

DELAY: Final = timedelta(seconds=30)
TIMEOUT: Final = timedelta(seconds=60)
AN_HOUR: Final = timedelta(hours=1)


@dataclass
class Execution:
    """The machines of one deployment, played: where they are, since when, and what they wait for."""

    cloud: Cloud
    state: str = "not started"
    wave: int = 0
    waves: int = 0
    tokens: int = 0
    entered: datetime = MOMENT
    lasts: timedelta | None = None
    sent: bool = False

    @property
    def world(self) -> World:
        return self.cloud.world

    @property
    def token(self) -> str:
        return f"token-{self.tokens}"

    @property
    def deadline(self) -> datetime | None:
        return None if self.lasts is None else self.entered + self.lasts

    @property
    def waiting(self) -> bool:
        """The state has sent its message, was not answered, and its time is not over."""
        over = self.deadline is not None and self.cloud.now >= self.deadline
        return self.sent and self.token not in self.world.answers and not over

    def enter(self, state: str, lasts: timedelta | None = None) -> None:
        self.state, self.lasts, self.entered, self.sent = state, lasts, self.cloud.now, False
        self.tokens += 1

    def go_on(self) -> None:
        """Send the message of the state, or go on to the next one if it was answered or its time is over."""
        if self.waiting:
            return
        if not self.sent:
            self.sent = True
            self._send()
        elif self.token in self.world.answers:
            self._answered(dict(self.world.answers[self.token]))
        else:
            self._timed_out()

    def _send(self) -> None:
        cloud, wave, token, asked_at = self.cloud, self.wave, self.token, self.entered

        def close(cause: CloseCause) -> None:
            cloud.close_wave(DEPLOYMENT, wave, cause=cause, task_token=token, asked_at=asked_at)

        sends: dict[str, Callable[[], object]] = {
            "plan": self._plan,
            "gate": self._gate,
            "dispatch": lambda: cloud.dispatch(DEPLOYMENT, wave, token, asked_at=asked_at),
            "close": lambda: close(CloseCause.TIMEOUT),
            "stop": lambda: close(CloseCause.STOP),
            "delay": lambda: cloud.watch.begin(DEPLOYMENT, token, wave=wave, asked_at=asked_at),
            "paused": lambda: cloud.await_resume(DEPLOYMENT, token, breached=False),
            "paused by a breach": lambda: cloud.await_resume(DEPLOYMENT, token, breached=True),
            "paused before a wave": lambda: cloud.await_resume(DEPLOYMENT, token, breached=True),
            "wind down": lambda: cloud.wind_down(DEPLOYMENT),
            "plan return": self._plan_return,
            "return": lambda: cloud.return_devices(DEPLOYMENT, 1, token, asked_at=asked_at),
            "close return": lambda: cloud.close_return(DEPLOYMENT, 1, task_token=token),
            "conclude": lambda: cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED),
            "conclude breached": lambda: cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.BREACHED),
            "conclude return": lambda: cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED),
        }
        if self.state in sends:
            sends[self.state]()

    def _plan(self) -> None:
        self.waves, self.wave = int(self.cloud.plan(DEPLOYMENT)["waves"]), 1
        self.enter("gate")

    def _gate(self) -> None:
        status = self.world.deployments[DEPLOYMENT].status
        if status is DeploymentStatus.RUNNING:
            self.enter("dispatch", TIMEOUT)
        elif status is DeploymentStatus.PAUSED:
            self.enter("paused")

    def _plan_return(self) -> None:
        origin = Origin.OPERATOR if self.world.deployments[DEPLOYMENT].rollbacks else Origin.BREACH
        if self.cloud.plan_rollback(rollback_request(origin=origin))["total"]:
            self.enter("return", TIMEOUT)
        else:
            self.enter("conclude return")

    def _answered(self, answer: dict[str, object]) -> None:
        breached = bool(answer.get("breached"))
        match self.state:
            case "paused" | "paused before a wave":
                self.enter("gate")
            case "paused by a breach":
                self._next_wave()
            case "stop":
                self.enter("paused by a breach" if self.wave < self.waves else "conclude breached")
            case "return" | "close return":
                self.enter("conclude return")
            case _ if answer.get("held_back"):
                self.enter("paused before a wave")
            case _ if breached:
                auto = self.world.deployments[DEPLOYMENT].rules.auto_rollback
                self.enter("plan return" if auto else "stop", None if auto else AN_HOUR)
            case "delay":
                self._next_wave()
            case _ if self.wave >= self.waves:
                self.enter("conclude")
            case _ if self.world.deployments[DEPLOYMENT].rules.watched_wait_seconds:
                self.enter("delay", DELAY)
            case _:
                self._next_wave()

    def _timed_out(self) -> None:
        match self.state:
            case "dispatch":
                self.enter("close", AN_HOUR)
            case "delay":
                self._next_wave()
            case "return":
                self.enter("close return", AN_HOUR)
            case _:
                pass  # its execution has failed

    def _next_wave(self) -> None:
        self.wave += 1
        self.enter("gate")

    def ask(self, what: str) -> None:
        """Let an operator ask for something; what is refused changes nothing."""
        cloud, found = self.cloud, self.world.deployments[DEPLOYMENT]
        asks: dict[str, Callable[[], object]] = {
            "start": lambda: cloud.start(DEPLOYMENT, by=ME),
            "pause": lambda: cloud.pause(DEPLOYMENT, by=ME),
            "resume": lambda: cloud.resume(DEPLOYMENT, by=ME, accept_failures=True),
            "promote": lambda: cloud.promote(DEPLOYMENT, by=ME),
            "cancel": lambda: cloud.cancel(DEPLOYMENT, by=ME),
            "rollback": lambda: cloud.rollback(DEPLOYMENT, by=ME),
        }
        if what == "rollback" and found.rollbacks:
            return  # one is enough for a story
        try:
            asks[what]()
        except Conflict:
            return
        match what, self.world.deployments[DEPLOYMENT].status:
            case "start", _ if self.state == "not started":
                self.enter("plan")
            case "cancel", DeploymentStatus.CANCELLING:
                self.enter("wind down")
            case "rollback", _:
                self.enter("plan return")
            case _:
                pass

    def report(self, number: int, status: str) -> None:
        """Let a device that has a job say how it ended."""
        at_work = [
            (job_id, device)
            for job_id, executions in self.world.jobs.items()
            if job_id not in self.world.cancelled
            for device in executions
        ]
        if at_work:
            job_id, device = at_work[number % len(at_work)]
            self.cloud.report(device, status, job_id=job_id, runs_version="2" if "-w" in job_id else "1", sequence="9")
