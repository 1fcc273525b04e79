"""``edgeflow devices``."""

from pathlib import Path

import pytest

from edge_agent.config import load_config
from tests.support.handler_transport import HandlerTransport
from tests.unit.cli.conftest import CommandLine


@pytest.mark.slow
def test_a_device_is_registered_with_all_that_its_agent_needs(edgeflow: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "authority.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    for signer in ("signer.pem", "orderer.pem"):
        (tmp_path / signer).write_text(f"-----BEGIN PUBLIC KEY-----\n{signer}\n")
    folder = tmp_path / "dev_001"
    said = edgeflow(
        *("devices", "register", "dev_001", "--config", str(folder)),
        *("--ca", str(tmp_path / "authority.pem"), "--artifact-key", str(tmp_path / "signer.pem")),
        *("--order-key", str(tmp_path / "orderer.pem")),
    )
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith(f"edgeflow-agent run --config {folder / 'agent.toml'}\n")
    names = {"agent.toml", "artifact-key.pem", "ca.pem", "certificate.pem", "order-key.pem", "private.key"}
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == dict.fromkeys(names, 0o600)
    config = load_config(folder / "agent.toml")
    assert config.device_id == "dev_001"
    assert config.private_key == folder / "private.key"
    assert "PRIVATE KEY" in config.private_key.read_text()
    assert config.artifact_keys == [folder / "artifact-key.pem"]
    assert config.order_keys == [folder / "order-key.pem"]
    assert "orderer.pem" in config.order_keys[0].read_text()
    listed = edgeflow("devices", "list", "--text", "dev", "--json").document["devices"]
    assert [each["device_id"] for each in listed] == ["dev_001"]
    assert "registered" in edgeflow("devices", "show", "dev_001").out
    assert edgeflow("devices", "delete", "dev_001", "--json").document == {"device_id": "dev_001", "deleted": True}
    assert edgeflow("devices", "show", "dev_001").code == 1


def test_what_devices_trust_can_be_said_once_for_a_shell(
    edgeflow: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("EDGEFLOW_DEVICE_CA", "EDGEFLOW_ARTIFACT_KEY", "EDGEFLOW_ORDER_KEY"):
        file = tmp_path / name
        file.write_text(f"the key of {name}\n")
        monkeypatch.setenv(name, str(file))
    folder = tmp_path / "dev_001"
    assert edgeflow("devices", "register", "dev_001", "--config", str(folder)).code == 0
    config = load_config(folder / "agent.toml")
    trusted = [config.ca, *config.artifact_keys, *config.order_keys]
    assert [file and file.read_text().split()[-1] for file in trusted] == [
        "EDGEFLOW_DEVICE_CA",
        "EDGEFLOW_ARTIFACT_KEY",
        "EDGEFLOW_ORDER_KEY",
    ]


def test_nothing_is_registered_whose_key_has_no_place(
    edgeflow: CommandLine, transport: HandlerTransport, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "private.key").write_text("another's")
    (tmp_path / "file").write_text("")
    for arguments, code, told in (
        ([], 2, "say where the private key of dev_001 is to go"),
        (["--config", str(tmp_path / "taken")], 2, "has private.key of a device already"),
        (["--config", str(tmp_path / "file" / "folder")], 1, "cannot be written"),
        (["--config", str(tmp_path / "new"), "--ca", str(tmp_path / "none.pem")], 1, "cannot be read"),
        (["--config", str(tmp_path / "new"), "--announce"], 2, "leave out --announce"),
    ):
        said = edgeflow("devices", "register", "dev_001", *arguments)
        assert (said.code, said.out) == (code, ""), arguments
        assert told in said.err
    assert transport.requests == []
    assert (tmp_path / "taken" / "private.key").read_text() == "another's"


def test_a_key_can_go_to_standard_output(edgeflow: CommandLine) -> None:
    assert "PRIVATE KEY" in edgeflow("devices", "register", "dev_001", "--json").document["private_key"]


def test_a_device_is_announced(edgeflow: CommandLine) -> None:
    said = edgeflow("devices", "register", "dev_001", "--announce")
    assert said.code == 0
    assert "provisioning_template  edgeflow\n" in said.out
