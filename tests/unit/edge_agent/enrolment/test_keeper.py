"""Rotation on the device: whatever fails, and whenever the power goes, it ends with a certificate that is good."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from edge_agent.cli import main
from edge_agent.config import AgentConfig, ConfigError, load_config
from edge_agent.disk.state import only_agent_of
from edge_agent.enrolment.credentials import Credentials
from edge_agent.enrolment.enrol import enrol
from edge_agent.enrolment.keeper import LOOKS_EVERY_SECONDS, SETTLES_SECONDS, TRIES_AGAIN_SECONDS, CertificateKeeper
from edge_agent.enrolment.keys import belong_together
from edge_agent.enrolment.ports import NotEnrolled, Refused, Unreachable
from tests.support.waiting import wait_for
from tests.unit.edge_agent.authority import Authority
from tests.unit.edge_agent.device import NOON
from tests.unit.edge_agent.keys import write_keys
from tests.unit.edge_agent.power import PowerCut, power_cut_at

LOOKS: Final = 4


class Cloud(Authority):
    """AWS IoT: the first connection with a new certificate revokes the others, at once."""

    def __init__(self) -> None:
        """Know of nobody."""
        super().__init__()
        self.offline = False
        self.unheard = 0
        """So many connections are made without the device hearing of it."""
        self.broken = 0
        """So many connections fail."""

    def connects(self, certificate: str) -> bool:
        """Tell whether somebody with this certificate is connected, as far as the device knows."""
        if self.offline or certificate not in self.registered:
            return False
        if self.broken:
            self.broken -= 1
            return False
        if certificate == self.registered[-1]:
            self.registered = [certificate]
        if self.unheard:
            self.unheard -= 1
            return False
        return True


class Link:
    """Implements keeper.Link: one connection to the cloud, with whatever is in use when it is made."""

    def __init__(self, config: AgentConfig, cloud: Cloud) -> None:
        """Connect as an agent that starts."""
        self._config = config
        self._cloud = cloud
        self._heard = False
        self.certificate = ""
        self.reconnect(0)

    @property
    def connected(self) -> bool:
        return self._heard and not self._cloud.offline and self.certificate in self._cloud.registered

    def provisioning(self) -> Cloud:
        return self._cloud

    def reconnect(self, patience: float) -> bool:
        del patience
        certificate = self._config.certificate.read_bytes()
        assert belong_together(certificate, self._config.private_key.read_bytes())
        self.certificate = certificate.decode()
        self._heard = self._cloud.connects(self.certificate)
        return self.connected


@pytest.fixture
def cloud() -> Cloud:
    """AWS IoT."""
    return Cloud()


def enrolled(folder: Path, cloud: Cloud) -> AgentConfig:
    """Enrol a device in a folder of its own; returns its settings."""
    folder.mkdir()
    certificate, key = write_keys(folder)
    given = AgentConfig(
        device_id="dev_001",
        endpoint="127.0.0.1",
        port=9,
        certificate=certificate,
        private_key=key,
        data_directory=folder / "data",
        provisioning_template="edgeflow",
    )
    enrol(given, folder / "agent.toml", cloud.connected)
    return load_config(folder / "agent.toml")


@pytest.fixture
def config(tmp_path: Path, cloud: Cloud) -> AgentConfig:
    """The settings of an enrolled device."""
    return enrolled(tmp_path / "device", cloud)


def keeper(config: AgentConfig, link: Link, *, days_later: float = 0) -> CertificateKeeper:
    return CertificateKeeper(config, link, clock=lambda: NOON + timedelta(days=days_later))


def test_it_is_renewed_when_its_end_is_near_and_not_before(config: AgentConfig, cloud: Cloud) -> None:
    link = Link(config, cloud)
    first = link.certificate
    assert keeper(config, link, days_later=365 - 31).look() == LOOKS_EVERY_SECONDS
    assert link.certificate == first
    keeper(config, link, days_later=365 - 29).look()
    assert link.connected
    assert link.certificate != first
    assert cloud.registered == [link.certificate]


@pytest.mark.parametrize("changed", [{"rotate_before_days": 0.0}, {"provisioning_template": None}])
def test_it_is_not_renewed_where_that_is_turned_off(
    config: AgentConfig, cloud: Cloud, changed: dict[str, object]
) -> None:
    quiet = config.model_copy(update=changed)
    link = Link(quiet, cloud)
    first = link.certificate
    keeper(quiet, link, days_later=364).look()
    assert link.certificate == first


def test_asked_it_is_renewed_at_once(config: AgentConfig, cloud: Cloud) -> None:
    link = Link(config, cloud)
    first = link.certificate
    keeper(config, link).look(asked=True)
    assert (link.connected, link.certificate == first) == (True, False)
    assert Credentials(config.data_directory).others() == []


@pytest.mark.parametrize("step", ["sign", "register"])
def test_a_refusal_leaves_the_old_one_in_use(config: AgentConfig, cloud: Cloud, step: str) -> None:
    link = Link(config, cloud)
    first = link.certificate
    cloud.refusal[step] = Refused("not now")
    for _ in range(3):
        with pytest.raises(Refused):
            keeper(config, link).look(asked=True)
    assert (link.connected, link.certificate) == (True, first)
    cloud.refusal.clear()
    keeper(config, link).look(asked=True)
    assert link.connected
    credentials = Credentials(config.data_directory)
    assert len(list(credentials.folder.iterdir())) == 2, "what refusals left is gone: one pair, and the link to it"


def test_a_proof_that_fails_goes_back_to_the_old_one(config: AgentConfig, cloud: Cloud) -> None:
    link = Link(config, cloud)
    first = link.certificate
    cloud.broken = 1
    with pytest.raises(Unreachable, match="the one before is in use"):
        keeper(config, link).look(asked=True)
    assert (link.connected, link.certificate) == (True, first)
    assert keeper(config, link).look() == SETTLES_SECONDS, "the old one could yet turn out to be replaced"
    assert link.certificate == first
    assert keeper(config, link).look(asked=True) == LOOKS_EVERY_SECONDS
    assert cloud.registered == [link.certificate]
    assert Credentials(config.data_directory).others() == []


def test_a_proof_of_which_the_device_never_heard_is_found_out(config: AgentConfig, cloud: Cloud) -> None:
    link = Link(config, cloud)
    cloud.unheard = 1
    with pytest.raises(Unreachable):
        keeper(config, link).look(asked=True)
    assert not link.connected, "the old one was revoked by then"
    keeper(config, link).look()
    assert cloud.registered == [link.certificate]
    assert link.connected
    assert Credentials(config.data_directory).others() == []


def test_who_asks_while_the_device_is_offline_is_told(config: AgentConfig, cloud: Cloud) -> None:
    link = Link(config, cloud)
    first = link.certificate
    cloud.offline = True
    assert keeper(config, link, days_later=364).look() == TRIES_AGAIN_SECONDS
    with pytest.raises(Unreachable, match="offline"):
        keeper(config, link).look(asked=True)
    cloud.offline = False
    assert (link.connected, link.certificate) == (True, first)


def test_it_runs_until_it_is_stopped_and_does_what_is_asked(config: AgentConfig, cloud: Cloud) -> None:
    link = Link(config, cloud)
    first = link.certificate
    running = keeper(config, link)
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        cloud.refusal["register"] = Refused("not now")
        running.renew()
        wait_for(lambda: cloud.sent.count("edgeflow") == 2 or None, what="it was refused")
        cloud.refusal.clear()
        running.renew()
        wait_for(lambda: link.certificate != first or None, what="it was renewed, for a refusal ends nothing")
    finally:
        running.stop()
        thread.join(10)
    assert not thread.is_alive()


def test_a_device_that_is_offline_keeps_every_pair(config: AgentConfig, cloud: Cloud) -> None:
    link = Link(config, cloud)
    cloud.broken = 1
    with pytest.raises(Unreachable):
        keeper(config, link).look(asked=True)
    cloud.offline = True
    for _ in range(5):
        keeper(config, link).look()
    assert len(Credentials(config.data_directory).others()) == 1
    cloud.offline = False
    for _ in range(2):
        keeper(config, link).look()
    assert link.connected


@pytest.mark.parametrize("unheard", [0, 1])
@pytest.mark.slow
def test_the_power_may_go_at_any_moment(
    tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, unheard: int
) -> None:
    cut = 0
    ended = False
    while not ended:
        config = enrolled(tmp_path / str(cut), cloud)
        link = Link(config, cloud)
        with power_cut_at(cut, monkeypatch):
            try:
                cloud.unheard = unheard
                keeper(config, link).look(asked=True)
                ended = True
            except NotEnrolled:
                ended = True
            except PowerCut:
                pass
        cloud.unheard = 0
        link = Link(config, cloud)
        looks = 0
        while not link.connected:
            assert looks < LOOKS, f"locked out by a power cut before {cut}"
            keeper(config, link).look()
            looks += 1
        keeper(config, link).look(asked=True)
        assert link.connected
        assert link.certificate == config.certificate.read_text()
        folder = Credentials(config.data_directory).folder
        assert len([path for path in folder.iterdir() if path.name.isdecimal()]) == 1, "old pairs are gone"
        cut += 1
    assert cut > 12, "writes were looked for where none are made"


def test_a_certificate_that_somebody_else_keeps_is_left_alone(tmp_path: Path) -> None:
    certificate, key = write_keys(tmp_path)
    config = AgentConfig(
        device_id="dev_001",
        endpoint="127.0.0.1",
        certificate=certificate,
        private_key=key,
        data_directory=tmp_path / "data",
        provisioning_template="edgeflow",
    )
    before = certificate.read_bytes()
    link = Link(config, Cloud())
    assert keeper(config, link, days_later=4_000).look(asked=True) == LOOKS_EVERY_SECONDS
    assert certificate.read_bytes() == before


def test_a_certificate_that_cannot_be_read_is_told(config: AgentConfig, cloud: Cloud) -> None:
    link = Link(config, cloud)
    config.certificate.write_text("no certificate")
    with pytest.raises(ConfigError, match="cannot be read"):
        keeper(config, link).look()


def test_rotate_tells_a_cloud_that_does_not_answer(
    config: AgentConfig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.commands.rotate.CONNECT_SECONDS", 0.5)
    settings = config.data_directory.parent / "agent.toml"
    assert main(["rotate", "--config", str(settings)]) == 1
    assert "no connection to 127.0.0.1:9" in capsys.readouterr().err
    with only_agent_of(config.data_directory):
        assert main(["rotate", "--config", str(settings)]) == 2
    assert "SIGHUP" in capsys.readouterr().err


def test_rotate_is_for_devices_that_enrolled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_keys(tmp_path)
    settings = tmp_path / "agent.toml"
    settings.write_text(
        'device_id = "dev_001"\nendpoint = "127.0.0.1"\ndata_directory = "data"\n'
        'certificate = "certificate.pem"\nprivate_key = "private.key"\n'
    )
    assert main(["rotate", "--config", str(settings)]) == 2
    assert "did not enrol by claim" in capsys.readouterr().err
