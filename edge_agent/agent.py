"""One device: its connection, its engine, its flows, its reports."""

import logging
import math
import os
import random
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge_agent.cloud.clock import CloudClock
from edge_agent.cloud.pace import Due, ReportPace
from edge_agent.cloud.report import write_report
from edge_agent.cloud.transport import MqttTransport, ReportConnection
from edge_agent.cloud.vitals import VitalSigns
from edge_agent.config import AgentConfig, ConfigError
from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.secrets import SecretStore, credentials_of
from edge_agent.disk.state import StateFile
from edge_agent.disk.store import ArtifactStore
from edge_agent.enrolment.keeper import CertificateKeeper
from edge_agent.flows.bring_up import BringUp
from edge_agent.flows.open_runtime import open_runtime
from edge_agent.flows.surroundings import FlowSurroundings
from edge_agent.flows.workers.device import Device
from edge_agent.jobs.download import MAX_SECONDS, Downloader
from edge_agent.jobs.engine import Engine
from edge_agent.jobs.health_window import HealthGate, Stopping
from edge_agent.jobs.lifeline import Lifeline
from edge_agent.jobs.obtain import Obtainer
from edge_agent.jobs.ports import Offline
from edge_agent.jobs.read_order import OrderReader
from edge_agent.jobs.signatures import KeyUnusable, TrustedKeys
from edge_agent.jobs.watches import is_watched, seconds_between_reports
from edge_agent.process.systemd import Pulse
from edgeflow.contract.job import Artifact
from edgeflow.contract.report import health_topic

LOOKS_ANYWAY_SECONDS: Final = 300.0
"""A notification can get lost; so often the agent asks without one."""
FILES_FOLDER: Final = "files"
"""Below it, in a folder for each flow, is what the nodes of flows read and write."""
FIRST_RETRY_SECONDS: Final = 1.0
LAST_RETRY_SECONDS: Final = 60.0
_SETTLES_SECONDS: Final = 0.2
"""Changes of health come in bunches; one report tells of all that come within this time."""
DOWNLOAD_SECONDS: Final = 2 * MAX_SECONDS
"""A download may be at work so long before it counts as stuck; its own limit is half of that."""
_JOIN_SECONDS: Final = 40.0

logger = logging.getLogger(__name__)


ReportFlows = Callable[[Mapping[str, int], Mapping[str, int]], None]
"""Takes versions by flow: those that run, and those that stand by."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _proxy(config: AgentConfig) -> urllib.request.ProxyHandler | None:
    try:
        return config.proxy.handler() if config.proxy is not None else None
    except OSError as error:
        message = f"proxy.password_file cannot be read: {error.strerror}"
        raise ConfigError(message) from error


class Agent:
    """Runs a device until it is stopped. Several can live in one process, each with its own connection."""

    def __init__(
        self,
        config: AgentConfig,
        *,
        on_connection: ReportConnection = lambda _, __: None,
        on_flows: ReportFlows = lambda _, __: None,
    ) -> None:
        """Read what the device knows; nothing is started yet. ``on_connection`` hears of the connection.

        ``on_flows`` hears which version of each flow really runs, and which stands by, whenever that may have changed.

        Raises:
            StateError: the state on disk is damaged.
            ConfigError: the certificate and the key, or the keys of versions or orders, cannot be used.
        """
        self._config = config
        self._on_flows = on_flows
        self.pulse = Pulse()
        """Whether the agent's threads make progress."""
        self._file = StateFile(config.data_directory, _utc_now)
        store = ArtifactStore(config.data_directory, limit=config.store_limit)
        self._secrets = SecretStore(config.data_directory, credentials_of(os.environ))
        self._vitals = VitalSigns(config.data_directory, monotonic=time.monotonic)
        self._ended = threading.Event()
        self._cloud_clock = CloudClock(_utc_now, monotonic=time.monotonic)
        self._pace = ReportPace(
            monotonic=time.monotonic, pause=config.health_pause, every=self._seconds_between_reports
        )
        self._transport = MqttTransport(
            config,
            on_ready=self._look,
            on_next=self._told_next,
            beat=self.pulse.beat,
            on_connection=on_connection,
            on_time=self._cloud_clock.heard,
        )
        device = Device(
            device_id=config.device_id,
            surroundings=self._surroundings,
            publish=self._transport.publish_from_flow,
            subscribe=self._transport.subscriptions.listen,
            secrets=self._secrets.read,
            watched=self.pulse.watched,
            beat=self.pulse.beat,
            on_failure=self._ended.set,
        )
        crashes = CrashFile(config.data_directory, _utc_now)
        self.runtime = open_runtime(config, store, device, crashes, on_change=self._health_changed)
        """What runs the flows."""
        self._bring_up = BringUp(self.runtime, crashes, self._file.state.all_slots)
        self._watch = HealthGate(self.runtime, monotonic=time.monotonic, beat=self.pulse.beat)
        self._keeper = CertificateKeeper(config, self._transport, clock=_utc_now)
        self._download = Downloader(self._watch.pause, proxy=_proxy(config))
        self._engine = Engine(
            state=self._file,
            store=store,
            flows=self.runtime,
            jobs=self._transport,
            read_order=OrderReader(config.device_id, _trusted_keys("order_keys", config.order_keys), _utc_now),
            obtainer=Obtainer(
                store=store,
                fetch=self._fetch,
                jobs=self._transport,
                flows=self.runtime,
                clock=_utc_now,
                keys=_trusted_keys("artifact_keys", config.artifact_keys),
            ),
            watch=self._watch,
            lifeline=Lifeline(
                limit=config.unheard_limit, heard_at=lambda: self._transport.heard_at, monotonic=time.monotonic
            ),
            clock=_utc_now,
            jitter=config.jitter,
        )
        self._something_to_do = threading.Event()
        self._pace_changed = threading.Event()
        self._stopping = threading.Event()
        self._changing = threading.Lock()
        """Held while the agent starts or stops."""
        self._started = False
        self._threads = [
            threading.Thread(target=self._work, name=f"jobs {config.device_id}", daemon=True),
            threading.Thread(target=self._report, name=f"health {config.device_id}", daemon=True),
            threading.Thread(target=self._keeper.run, name=f"certificate {config.device_id}", daemon=True),
        ]

    def start(self) -> None:
        """Connect and work; then run the flows of before, connected or not. Nothing when it was stopped.

        Jobs come first: whatever flows do, the one that takes them back gets through.
        """
        with self._changing:
            if self._stopping.is_set():
                return
            try:
                self._engine.recover()
            except OSError:  # such as a disk that is full: no reason to leave the device without its flows
                logger.exception("the start of a new version is not noted")
            self._bring_up.begin()
            self._something_to_do.set()
            for thread in self._threads:
                thread.start()
            self._transport.start()
            self._bring_up.go_on()
            self._started = True

    def wait(self) -> bool:
        """Return when the agent was stopped, True, or can do no more jobs, False: then start it anew."""
        self._ended.wait()
        return self._stopping.is_set()

    def stop(self) -> None:
        """Stop; what is on disk is enough to go on. Returns when nothing runs any more. May come before the start."""
        self._stopping.set()
        self._ended.set()
        self._watch.stop()
        self._keeper.stop()
        self._something_to_do.set()
        self._pace_changed.set()
        with self._changing:
            if not self._started:
                return
            self._started = False
            self._transport.stop()
            for thread in self._threads:
                thread.join(_JOIN_SECONDS)
            self._bring_up.stop()
            self.runtime.stop()

    def renew_certificate(self) -> None:
        """Have the certificate renewed now, over the connection that is there; flows go on."""
        self._keeper.renew()

    @property
    def job_id(self) -> str | None:
        """The job at work."""
        job = self._file.state.job
        return job.job_id if job is not None else None

    def redact(self, text: str) -> str:
        """Return a text without any value of the device's secrets that was read so far."""
        return self._secrets.redact(text)

    def running(self) -> dict[str, int]:
        """Return the live version of each flow that really runs on the device."""
        return self.runtime.running()

    def standing_by(self) -> dict[str, int]:
        """Return the version of each flow that really runs in its other slot, muted."""
        return self.runtime.running(standby=True)

    # --- Jobs -----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._file.state.job is not None:  # what became of it meanwhile was told to nobody
            self._engine.look_again()
        self._something_to_do.set()
        self._pace.want()
        self._look_at_pace()

    def _told_next(self, job_id: str | None) -> None:
        entry = self._file.state.job
        if entry is not None and entry.job_id != job_id:
            self._engine.look_again()
        self._something_to_do.set()

    def _work(self) -> None:
        try:
            with self.pulse.watched():
                self._work_until_stopped()
        finally:
            self._ended.set()  # an agent that does no jobs any more must not look alive

    def _work_until_stopped(self) -> None:
        retry = FIRST_RETRY_SECONDS
        patience = LOOKS_ANYWAY_SECONDS
        while True:
            self.pulse.beat(patience)
            self._something_to_do.wait(patience)
            self.pulse.beat()
            self._something_to_do.clear()
            if self._stopping.is_set():  # looked at last, or a stop that comes between would be waited out
                return
            before = self._file.state.sequence
            try:
                self._engine.work()
                self._look_at_pace()  # a job may have changed it
            except Stopping:
                return
            except (Offline, OSError) as error:  # out of reach, or a disk that is full: both may pass
                logger.warning("%s; trying again in some %.0f s", error, retry)
                patience = retry * (0.5 + random.random())  # noqa: S311  jitter, not a secret
                limit = self._engine.patience
                if limit < math.inf:
                    self._ask_for_a_sign()
                if limit > 0:  # else the disk does not take the way back
                    patience = min(patience, max(limit, _SETTLES_SECONDS))
                retry = min(2 * retry, LAST_RETRY_SECONDS)
            else:
                retry, patience = FIRST_RETRY_SECONDS, LOOKS_ANYWAY_SECONDS
            if self._file.state.sequence != before:  # a job has changed something
                self._bring_up.now()

    def _ask_for_a_sign(self) -> None:
        """Report health: AWS IoT acknowledges that also when its jobs are out of order, which is no version's doing."""
        self._pace.want()
        self._look_at_pace()

    def _fetch(self, artifact: Artifact, still_wanted: Callable[[], None]) -> bytes:
        with self.pulse.busy(DOWNLOAD_SECONDS):
            return self._download(artifact, still_wanted)

    # --- Health ---------------------------------------------------------------------------------------------------

    def _health_changed(self) -> None:
        self._watch.wake()
        self._pace.changed()
        self._look_at_pace()
        self._on_flows(self.running(), self.standing_by())

    def _look_at_pace(self) -> None:
        self._pace_changed.set()

    def _seconds_between_reports(self) -> float:
        watches, now = self._file.state.watches, self._cloud_clock()
        return seconds_between_reports(watches, now=now, at_rest=self._config.health_interval)

    def _report(self) -> None:
        try:
            with self.pulse.watched():
                self._report_until_stopped()
        finally:
            self._ended.set()  # nor one that says nothing of its health

    def _report_until_stopped(self) -> None:
        while not self._stopping.is_set():
            patience = self._pace.due_in()
            if patience > 0:
                self.pulse.beat(patience)
                self._pace_changed.wait(patience)
                self.pulse.beat()
                self._pace_changed.clear()
                continue
            if self._stopping.wait(_SETTLES_SECONDS):
                return
            due = self._pace.begin()
            try:
                self._transport.publish(self._health_topic(due), self._health_report(due.changes))
            except Offline as offline:
                logger.debug("health not reported: %s", offline)
                self._pace.failed(due.changes)

    def _health_topic(self, due: Due) -> str:
        resting = not due.wanted and not is_watched(self._file.state.watches, now=self._cloud_clock())
        return health_topic(self._config.device_id, self._config.topic_rules, resting=resting)

    def _health_report(self, changes: int) -> bytes:
        now = _utc_now()
        vitals = self._vitals.read()
        sequence, epoch = self._file.next_report(), self._file.epoch
        flows = self.runtime.report()
        return write_report(flows, vitals=vitals, now=now, sequence=sequence, epoch=epoch, changes=changes)

    def _surroundings(self, flow_id: str) -> FlowSurroundings:
        config = self._config
        return FlowSurroundings(
            device_id=config.device_id,
            flow_id=flow_id,
            hardware=config.hardware,
            overrides=config.overrides(flow_id),
            programs=frozenset(config.health_check_programs),
            files=config.data_directory / FILES_FOLDER / flow_id,
            message_limit=config.message_limit,
            allow_loopback=config.allow_loopback,
        )


def _trusted_keys(setting: str, files: Sequence[Path]) -> TrustedKeys:
    try:
        return TrustedKeys.read(files)
    except KeyUnusable as error:
        message = f"{setting}: {error}"
        raise ConfigError(message) from error
