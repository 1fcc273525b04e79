"""Keeps a running device's certificate good: renews it in time, proves the new one, and goes back where that fails.

The old pair stays on the disk until the new one has connected, and AWS IoT lets the old one in until just then: its
first connection with the new one revokes the old one. A connection of which the device never heard is possible, so a
device that is offline and has several pairs tries one after the other; which one is good, AWS IoT alone knows.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from edge_agent.config import AgentConfig, ConfigError
from edge_agent.enrolment.credentials import Credentials
from edge_agent.enrolment.enrol import obtain
from edge_agent.enrolment.keys import expires_at
from edge_agent.enrolment.ports import NotEnrolled, Provisioning, Unreachable

LOOKS_EVERY_SECONDS: Final = 12 * 3_600.0
TRIES_AGAIN_SECONDS: Final = 3_600.0
SETTLES_SECONDS: Final = 120.0
"""So long a pair may fail to connect before the next one is tried."""
PROOF_SECONDS: Final = 60.0
"""So long a new certificate may take to connect: AWS IoT attaches its policy in its own time."""

logger = logging.getLogger(__name__)


class Link(Protocol):
    """The device's connection, with whatever pair is in use. ``transport.MqttTransport`` is one."""

    @property
    def connected(self) -> bool:
        """Whether it is there now."""

    def provisioning(self) -> Provisioning:
        """Return AWS IoT's fleet provisioning over this connection."""

    def reconnect(self, patience: float) -> bool:
        """Connect anew, with the pair that is in use now; False: not within so many seconds. Raises ConfigError."""


def kept(config: AgentConfig) -> Credentials | None:
    """Return a device's pairs, when its settings name the one in use; None: somebody else keeps its certificate."""
    credentials = Credentials(config.data_directory)
    named = (config.certificate.absolute(), config.private_key.absolute())
    there = (credentials.certificate.absolute(), credentials.private_key.absolute())
    return credentials if named == there and credentials.current() is not None else None


class CertificateKeeper:
    """Looks after the certificate of one device."""

    def __init__(self, config: AgentConfig, link: Link, *, clock: Callable[[], datetime]) -> None:
        """Look after it over this connection; nothing is done yet. ``clock`` tells the time in UTC."""
        self._config = config
        self._link = link
        self._clock = clock
        self._credentials = kept(config)
        self._woken = threading.Event()
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look until stopped; to be run in a thread of its own."""
        patience = SETTLES_SECONDS
        while True:
            asked = self._woken.wait(patience)
            self._woken.clear()
            if self._stopping.is_set():
                return
            try:
                patience = self.look(asked=asked)
            except (NotEnrolled, ConfigError, OSError) as error:  # out of reach, refused, a full disk: all may pass
                logger.warning("the certificate is not renewed: %s", error)
                patience = self._until(TRIES_AGAIN_SECONDS)

    def renew(self) -> None:
        """Have it renewed now, whether it is due or not."""
        self._woken.set()

    def stop(self) -> None:
        """Let ``run`` end."""
        self._stopping.set()
        self._woken.set()

    def look(self, *, asked: bool = False) -> float:
        """Do what is to be done now; returns how many seconds later to look again.

        Raises:
            NotEnrolled: the certificate is not renewed; the one before is in use.
            ConfigError: a pair cannot be used.
            OSError: the disk does not take it.
        """
        credentials = self._credentials
        if credentials is None:
            if asked:
                logger.warning("the certificate is not renewed: this device did not enrol by claim")
            return LOOKS_EVERY_SECONDS
        if not self._link.connected and credentials.others():
            self._try_the_next(credentials)
        if not self._link.connected:
            if asked:
                message = "the device is offline; ask again when it is connected"
                raise Unreachable(message)
            return self._until(TRIES_AGAIN_SECONDS)
        credentials.drop_older()
        if asked or self._due(credentials):
            self._renew(credentials)
        return self._until(LOOKS_EVERY_SECONDS)

    def _until(self, seconds: float) -> float:
        """Return how long to wait: less while there are several pairs, for the one in use may end at any time."""
        several = self._credentials is not None and self._credentials.others()
        return min(seconds, SETTLES_SECONDS) if several else seconds

    def _due(self, credentials: Credentials) -> bool:
        if self._config.provisioning_template is None or not self._config.rotate_before_days:
            return False
        try:
            end = expires_at(credentials.certificate.read_bytes())
        except ValueError as error:
            message = f"{credentials.certificate} cannot be read: {error}"
            raise ConfigError(message) from error
        return end - self._clock() <= timedelta(days=self._config.rotate_before_days)

    def _renew(self, credentials: Credentials) -> None:
        renew(self._config, credentials, self._link.provisioning(), prove=self._prove)
        logger.info("the certificate was renewed")

    def _prove(self) -> None:
        if not self._link.reconnect(PROOF_SECONDS):
            message = f"no connection in {PROOF_SECONDS:.0f} s"
            raise Unreachable(message)

    def _try_the_next(self, credentials: Credentials) -> None:
        current = credentials.current() or 0
        others = credentials.others()
        number = next((other for other in others if other < current), others[0])
        logger.warning("no connection with certificate %d; trying number %d", current, number)
        credentials.use(number)
        self._link.reconnect(PROOF_SECONDS)


def renew(
    config: AgentConfig, credentials: Credentials, provisioning: Provisioning, *, prove: Callable[[], None]
) -> None:
    """Get a new certificate for a new key, put both to use, and prove that they are good; else go back.

    ``prove`` connects with the pair in use, and raises NotEnrolled or ConfigError when that cannot be done.

    Raises:
        NotEnrolled: AWS IoT refuses or cannot be reached, or the new pair did not connect; the old one is in use.
        OSError: the disk does not take it.
    """
    template = config.provisioning_template
    if template is None:
        message = "the settings name no provisioning_template; add the one that this device enrolled by"
        raise ConfigError(message)
    before = credentials.current()
    credentials.drop_incomplete()
    number = obtain(provisioning, credentials, template=template, device_id=config.device_id)
    credentials.use(number)
    try:
        prove()
    except (NotEnrolled, ConfigError) as error:
        if before is not None:
            credentials.use(before)
            # The new pair stays: AWS IoT may have let it in and told nobody, and then the old one ends now.
            _go_back(prove)
        message = f"the new certificate did not connect, so the one before is in use: {error}"
        raise Unreachable(message) from error
    credentials.drop_older()


def _go_back(prove: Callable[[], None]) -> None:
    try:
        prove()
    except (NotEnrolled, ConfigError) as error:
        logger.warning("nor does the certificate before connect: %s; both are tried in turn", error)
