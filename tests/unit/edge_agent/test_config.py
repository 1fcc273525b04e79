"""The settings and the command line: every fault is named with its remedy."""

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from edge_agent.cli import main
from edge_agent.config import AgentConfig, ConfigError, NodeRedConfig, load_config
from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState, StateFile
from tests.unit.edge_agent.device import FLOW, NOON, sha256

GOOD = """\
device_id = "dev_001"
endpoint = "127.0.0.1"
port = 9
certificate = "certificate.pem"
private_key = "private.key"
data_directory = "data"

[hardware]
dht_model = "DHT22"
"""


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """Settings that can be used, with files that are there."""
    (tmp_path / "certificate.pem").write_text("a certificate")
    (tmp_path / "private.key").write_text("a key")
    path = tmp_path / "agent.toml"
    path.write_text(GOOD)
    return path


def test_paths_are_relative_to_the_settings(config_file: Path) -> None:
    config = load_config(config_file)
    assert config.data_directory == config_file.parent / "data"
    assert (config.port, config.jitter, config.hardware) == (9, 2, {"dht_model": "DHT22"})


def test_every_fault_is_named(config_file: Path) -> None:
    config_file.write_text('device_id = "a b"\nport = 99999\ncertificate = "gone.pem"\ncolour = "red"\n')
    with pytest.raises(ConfigError) as refused:
        load_config(config_file)
    told = str(refused.value)
    for name in ("device_id", "endpoint", "port", "certificate", "private_key", "data_directory", "colour"):
        assert f"  {name}: " in told
    assert "POST /v1/devices" in told
    assert "known are device_id" in told


@pytest.mark.parametrize(("limit", "taken"), [(16_383, False), (16_384, True), (4_194_304, True), (4_194_305, False)])
def test_how_large_messages_may_be_is_bounded(config_file: Path, limit: int, *, taken: bool) -> None:
    config_file.write_text(f"message_limit = {limit}\n{GOOD}")
    if taken:
        assert load_config(config_file).message_limit == limit
    else:
        with pytest.raises(ConfigError, match="message_limit"):
            load_config(config_file)


def test_how_long_the_cloud_may_be_unheard_goes_by_how_fast_a_loss_is_noticed_and_mended(config_file: Path) -> None:
    assert load_config(config_file).unheard_limit == 1.5 * 60 + 120 + 60, "as docs/agent.md says of the defaults"
    config_file.write_text(f"keep_alive = 1200\nreconnect_max = 3600\n{GOOD}")
    assert load_config(config_file).unheard_limit == 1.5 * 1_200 + 3_600 + 60


@pytest.mark.parametrize(("content", "said"), [(None, "--config"), ("device_id =", "not TOML")])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "agent.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=said):
        load_config(path)


def test_the_command_line_refuses_with_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--config", str(tmp_path / "none.toml")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "none.toml" in captured.err


def test_status_tells_what_the_device_runs(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live = InstalledVersion(version=3, sha256=sha256(1), since=NOON)
    StateFile(config_file.parent / "data", lambda: NOON).write(AgentState(flows={FLOW: live}))
    assert main(["status", "--config", str(config_file)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["device_id"], told["flows"][FLOW]["version"], told["job"]) == ("dev_001", 3, None)


def test_damaged_state_is_refused(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = config_file.parent / "data"
    data.mkdir()
    (data / "state.json").write_text("{")
    assert main(["status", "--config", str(config_file)]) == 2
    assert "damaged" in capsys.readouterr().err


def documented(root: Path) -> dict[str, str]:
    """Return each setting's default, as docs/agent.md has it."""
    page = (root / "docs" / "agent.md").read_text()
    section = page.partition("\n## Settings\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| .* \| ([^|]+) \|$", section, flags=re.MULTILINE))


def test_the_reference_names_every_setting_and_no_other(root: Path) -> None:
    assert list(documented(root)) == list(AgentConfig.model_fields)


@pytest.mark.parametrize("name", AgentConfig.model_fields)
def test_the_reference_has_the_default_of_every_setting(root: Path, name: str) -> None:
    field = AgentConfig.model_fields[name]
    told = documented(root)[name]
    if field.is_required():
        assert told == "required"
    elif (default := field.get_default(call_default_factory=True)) is None:
        assert told == {"ca": "the system's", "alpn": "by port"}.get(name, "none")
    elif default in ({}, []):
        assert told == "empty"
    elif isinstance(default, BaseModel):
        assert told == "its defaults"
    elif isinstance(default, str):
        assert told == default
    elif isinstance(default, bool):
        assert told == str(default).lower()
    else:
        assert float(told.replace(",", "")) == default


def test_every_command_is_documented_and_no_other(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (root / "docs" / "agent.md").read_text()
    section = page.partition("\n## Commands\n")[2].partition("\n## ")[0].partition("`doctor` changes nothing")[0]
    with pytest.raises(SystemExit):
        main(["--help"])
    named = re.search(r"\{([\w,]+)\}", capsys.readouterr().out)
    assert named is not None
    assert set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)) == set(named[1].split(","))


def _read_node_red(config_file: Path, table: str) -> AgentConfig:
    text = config_file.read_text()
    config_file.write_text(f'runtime = "node-red"\n{text}\n[node_red]\n{table}\n')
    return load_config(config_file)


def test_the_built_in_runtime_runs_flows_unless_another_is_named(config_file: Path) -> None:
    assert load_config(config_file).runtime == "builtin"
    read = _read_node_red(config_file, "")
    assert read.runtime == "node-red"
    assert (read.node_red.url, read.node_red.timeout, read.node_red.read_token()) == ("http://127.0.0.1:1880", 10, "")


def test_a_token_is_given_or_read_from_a_file_beside_the_settings(config_file: Path) -> None:
    (config_file.parent / "token").write_text("s3cret\n")
    read = _read_node_red(config_file, 'url = "https://hub.local:1880/admin/"\ntoken_file = "token"')
    assert (read.node_red.read_token(), read.node_red.url) == ("s3cret", "https://hub.local:1880/admin")
    (config_file.parent / "token").write_text("two words")
    with pytest.raises(ConfigError, match="must hold the token and nothing else"):
        read.node_red.read_token()
    assert "s3cret" not in repr(AgentConfig.model_validate(read.model_dump() | {"node_red": {"token": "s3cret"}}))


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ('url = "ftp://x"', "node_red.url: is no address of an admin API, such as http://127.0.0.1:1880"),
        ('url = "http://x:port"', "node_red.url: is no address"),
        ('token = "a b"', "node_red: token has characters that no HTTP header takes"),
        ('token_file = "nowhere"', "node_red.token_file: there is no file"),
        ("speed = 3", "node_red.speed: is not a setting; known are url, token, token_file, timeout"),
        ("timeout = 0", "node_red.timeout: "),
    ],
)
def test_a_fault_in_the_table_of_node_red_is_named(config_file: Path, table: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as fault:
        _read_node_red(config_file, table)
    assert sentence in str(fault.value)


def _sample(root: Path, folder: Path) -> str:
    """Return the sample of docs/agent.md, with its files in a folder where they are."""
    page = (root / "docs" / "agent.md").read_text(encoding="utf-8")
    [sample] = re.findall(r"^```toml\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    for path in re.findall(r'"(/(?:etc|var/lib)/edgeflow/[^"]+)"', sample):
        (folder / Path(path).name).write_text("what it holds is not looked at here")
    return re.sub(r"/(?:etc|var/lib|var/log)/edgeflow", str(folder), sample)


def test_the_sample_can_be_used_as_it_stands(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(_sample(root, tmp_path), encoding="utf-8")
    config = load_config(path)
    required = {name for name, field in AgentConfig.model_fields.items() if field.is_required()}
    assert config.model_fields_set == required


def test_the_sample_has_every_setting_with_its_default_or_an_example(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(re.sub(r"^#(?! )", "", _sample(root, tmp_path), flags=re.MULTILINE), encoding="utf-8")
    config = load_config(path)
    assert config.model_fields_set == set(AgentConfig.model_fields)
    for name, field in AgentConfig.model_fields.items():
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        if not (default is None or default in ({}, []) or isinstance(default, BaseModel)):
            assert getattr(config, name) == default, name
    assert config.node_red.model_fields_set == set(NodeRedConfig.model_fields) - {"token"}, "the token or its file"
    assert config.node_red.model_copy(update={"token_file": None}) == NodeRedConfig()
