"""Enrolment on the device: what is on its disk whenever the power goes, and what leaves it."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge_agent.cli import main
from edge_agent.config import AgentConfig, load_config
from edge_agent.enrolment.credentials import Credentials
from edge_agent.enrolment.enrol import enrol, forget_claim
from edge_agent.enrolment.keys import belong_together
from edge_agent.enrolment.ports import NotEnrolled, Refused, Unreachable
from tests.support.signing import LocalKey
from tests.unit.edge_agent.authority import Authority
from tests.unit.edge_agent.keys import write_keys
from tests.unit.edge_agent.power import PowerCut, power_cut_at


@pytest.fixture
def authority() -> Authority:
    """AWS IoT."""
    return Authority()


@pytest.fixture
def config(tmp_path: Path) -> AgentConfig:
    """What is given to enroll."""
    certificate, key = write_keys(tmp_path)
    return AgentConfig(
        device_id="dev_001",
        endpoint="iot.example.com",
        certificate=certificate,
        private_key=key,
        data_directory=tmp_path / "data",
        provisioning_template="edgeflow",
    )


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """The file that enroll writes."""
    return tmp_path / "etc" / "agent.toml"


def enrolled(settings: Path, authority: Authority) -> bool:
    """Tell whether the device is enrolled; if so, what it has must be good, and belong together."""
    if not settings.exists():
        return False
    written = load_config(settings)
    certificate = written.certificate.read_bytes()
    assert belong_together(certificate, written.private_key.read_bytes())
    assert certificate.decode() in authority.registered
    assert written.private_key.stat().st_mode & 0o777 == 0o600
    return True


def test_an_enrolled_device_has_settings_that_the_agent_takes(
    config: AgentConfig, settings: Path, authority: Authority
) -> None:
    enrol(config, settings, authority.connected)
    assert enrolled(settings, authority)
    written = load_config(settings)
    same = {"device_id", "endpoint", "port", "ca", "data_directory", "provisioning_template"}
    assert written.model_dump(include=same) == config.model_dump(include=same)
    pair = written.private_key.resolve().parent
    assert pair.stat().st_mode & 0o777 == 0o700
    assert sorted(entry.name for entry in pair.iterdir()) == ["certificate.pem", "private.key"]


def test_the_private_key_does_not_leave_the_device(config: AgentConfig, settings: Path, authority: Authority) -> None:
    enrol(config, settings, authority.connected)
    key = serialization.load_pem_private_key(load_config(settings).private_key.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    request, *others = authority.sent
    assert secret not in x509.load_pem_x509_csr(request.encode()).public_bytes(serialization.Encoding.DER)
    assert request.count("-----BEGIN ") == request.count("-----BEGIN CERTIFICATE REQUEST-----") == 1
    assert others == ["edgeflow", "dev_001", "token 0"], "nothing else is sent"


def test_the_power_may_go_at_any_moment(
    config: AgentConfig, settings: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolments = 0
    cut = 0
    while True:
        with power_cut_at(cut, monkeypatch) as done:
            try:
                enrol(config, settings, authority.connected)
            except PowerCut:
                ended = False
            else:
                ended = True
        if not enrolled(settings, authority):
            assert not ended
            enrol(config, settings, authority.connected)
            assert enrolled(settings, authority), f"before {cut}, after {done[-3:]}"
            enrolments += 1
        credentials = Credentials(config.data_directory)
        current = credentials.current()
        credentials.drop_older()
        assert [path.name for path in credentials.folder.iterdir() if path.name.isdecimal()] == [f"{current:04}"]
        settings.unlink()
        if ended:
            break
        cut += 1
    assert cut > 15, "writes were looked for where none are made"
    assert enrolments > 15


@pytest.mark.parametrize("step", ["connect", "sign", "register"])
@pytest.mark.parametrize("kind", [Refused, Unreachable])
def test_who_gets_no_certificate_is_not_enrolled_and_may_try_again(
    config: AgentConfig, settings: Path, authority: Authority, step: str, kind: type[NotEnrolled]
) -> None:
    authority.refusal[step] = kind("not now")
    with pytest.raises(kind):
        enrol(config, settings, authority.connected)
    assert not settings.exists()
    authority.refusal.clear()
    enrol(config, settings, authority.connected)
    assert enrolled(settings, authority)


def test_a_certificate_for_another_key_is_not_taken(config: AgentConfig, settings: Path, authority: Authority) -> None:
    authority.for_another_key = True
    with pytest.raises(Refused, match="another key"):
        enrol(config, settings, authority.connected)
    assert authority.registered == []
    assert not settings.exists()


def test_who_is_enrolled_is_not_enrolled_again(config: AgentConfig, settings: Path, authority: Authority) -> None:
    enrol(config, settings, authority.connected)
    before = load_config(settings).certificate.read_bytes()
    with pytest.raises(Refused, match="enrolled already"):
        enrol(config, settings, authority.connected)
    assert load_config(settings).certificate.read_bytes() == before
    assert len(authority.registered) == 1


def test_claim_is_forgotten_also_when_half_of_it_is_gone(config: AgentConfig) -> None:
    config.private_key.unlink()
    forget_claim(config.certificate, config.private_key)
    assert not config.certificate.exists()


def test_what_the_device_is_to_trust_stands_in_its_settings(
    config: AgentConfig, settings: Path, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {name: tmp_path / f"{name}.pem" for name in ("versions", "orders", "next")}
    for file in keys.values():
        file.write_text(LocalKey().pem)
    monkeypatch.setattr(
        "edge_agent.commands.enroll.enrol", lambda config, settings, _: enrol(config, settings, authority.connected)
    )
    monkeypatch.chdir(tmp_path)
    given = ["--artifact-key", "versions.pem", "--order-key", "orders.pem", "--order-key", str(keys["next"])]
    assert main([*_arguments(config, settings), *given]) == 0
    written = load_config(settings)
    assert written.artifact_keys == [keys["versions"]]
    assert written.order_keys == [keys["orders"], keys["next"]]


def _arguments(config: AgentConfig, settings: Path, **changed: str) -> list[str]:
    given = {
        "endpoint": "127.0.0.1",
        "port": "9",
        "template": "edgeflow",
        "device-id": "dev_001",
        "claim-certificate": str(config.certificate),
        "claim-key": str(config.private_key),
        "config": str(settings),
        "data-directory": str(config.data_directory),
    } | changed
    return ["enroll", *(part for name, value in given.items() for part in (f"--{name}", value))]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("claim-key", "/nowhere/claim.key", "--claim-key: there is no file"),
        ("device-id", "a b", "device_id"),
        ("device-id", "x" * 123, "more than 122 characters"),
        ("port", "70000", "port"),
        ("template", "no such", "provisioning_template"),
        ("artifact-key", "/nowhere/key.pem", "--artifact-key: "),
        ("order-key", __file__, "--order-key: "),
    ],
)
def test_what_is_given_wrongly_is_named(
    config: AgentConfig, settings: Path, capsys: pytest.CaptureFixture[str], *, name: str, value: str, told: str
) -> None:
    assert main(_arguments(config, settings, **{name: value})) == 2
    assert told in capsys.readouterr().err
    assert not settings.exists()


def test_a_cloud_that_does_not_answer_is_told_in_a_sentence(
    config: AgentConfig, settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.cloud.identity.CONNECT_SECONDS", 0.5)
    assert main(_arguments(config, settings)) == 1
    assert "no connection to 127.0.0.1:9" in capsys.readouterr().err


def test_a_disk_that_is_full_is_told_in_a_sentence(
    config: AgentConfig, settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        message = "No space left on device"
        raise OSError(message)

    monkeypatch.setattr("edge_agent.enrolment.credentials.Credentials.drop_unused", full)
    assert main(_arguments(config, settings)) == 1
    assert "No space left on device; make room" in capsys.readouterr().err
