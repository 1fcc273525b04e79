"""The agent's settings: one TOML file, read once, every fault named with its remedy."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from edgeflow.contract.ids import DeviceId


class ConfigError(Exception):
    """The settings cannot be used; the message names each fault and what to do."""


def _must_be_a_file(path: Path) -> Path:
    try:
        found = path.is_file()
    except OSError as error:
        message = f"{path} cannot be looked at: {error.strerror}"
        raise ValueError(message) from error
    if not found:
        message = f"there is no file {path}; registering the device (POST /v1/devices) gives its content"
        raise ValueError(message)
    return path


ExistingFile = Annotated[Path, AfterValidator(_must_be_a_file)]


class AgentConfig(BaseModel):
    """What one device needs to know. Paths may be relative to the settings' folder; times are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device_id: DeviceId
    """The IoT thing's name; the MQTT client id is the same, as the device's policy wants it."""
    endpoint: str = Field(min_length=1, max_length=255)
    port: int = Field(default=8883, ge=1, le=65_535)
    ca: ExistingFile | None = None
    """Certificate authority of the endpoint (PEM); the system's when absent, which knows AWS IoT's."""
    certificate: ExistingFile
    private_key: ExistingFile
    data_directory: Path
    health_interval: float = Field(default=60, ge=1, le=86_400)
    """How often the whole health is reported when nothing changes."""
    jitter: float = Field(default=2, ge=0, le=60)
    """Updates wait up to so long at random: a fleet shares 200 of them a second with its whole account."""
    provisioning_template: str | None = Field(default=None, pattern=r"^[0-9A-Za-z_-]{1,36}$")
    """The template by which the certificate is renewed; without one it is not. See docs/agent.md."""
    rotate_before_days: float = Field(default=30, ge=0, le=3_650)
    """How long before its end the agent renews the certificate by itself; 0: never."""
    hardware: dict[str, Any] = Field(default_factory=dict)
    """What is wired to this device, such as ``dht_model``; see docs/nodes.md."""


def load_config(path: Path) -> AgentConfig:
    """Read the settings.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or something in it cannot be used.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}; name the file with --config"
        raise ConfigError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is not TOML: {error}"
        raise ConfigError(message) from error
    for name in ("ca", "certificate", "private_key", "data_directory"):
        if isinstance(document.get(name), str):
            document[name] = path.parent / _at_home(document[name])
    return check_config(document, str(path))


def check_config(document: dict[str, Any], source: str) -> AgentConfig:
    """Read settings that came from ``source``. Raises ConfigError, which names each fault."""
    try:
        return AgentConfig.model_validate(document)
    except ValidationError as error:
        raise ConfigError("\n".join([f"{source} cannot be used:", *map(_in_words, error.errors())])) from error


def _at_home(name: str) -> Path:
    """Read a leading ``~``; without such a home it is a name like any other."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def _in_words(fault: Any) -> str:  # noqa: ANN401  pydantic's own kind of dict
    name = ".".join(str(part) for part in fault["loc"])
    match fault["type"]:
        case "missing":
            return f"  {name}: is missing; add it"
        case "extra_forbidden":
            return f"  {name}: is not a setting; known are {', '.join(AgentConfig.model_fields)}"
        case _:
            return f"  {name}: {fault['msg'].removeprefix('Value error, ')}"
