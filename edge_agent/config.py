"""The agent's settings: one TOML file, read once, every fault named with its remedy."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from edge_agent.cloud.pace import PAUSE_SECONDS
from edge_agent.flows.language.messages import MAX_MESSAGE_BYTES
from edge_agent.proxy import Proxy
from edgeflow.contract.flow import VariableName
from edgeflow.contract.ids import DeviceId, FlowId


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


DEFAULT_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of artifacts that a device keeps, when its settings say nothing else."""
DEFAULT_OUTBOX_LIMIT: Final = 16 * 1024 * 1024
UNHEARD_SECONDS: Final = 60.0
"""What the cloud may be out of reach for beside the time in which a loss is noticed and a connection is tried anew."""
_TOKEN: Final = re.compile(r"[!-~]+")
"""What a bearer token is made of: visible ASCII."""


def _must_be_an_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.fragment)
        parts.port  # noqa: B018  raises ValueError when it is no number
    except ValueError:
        usable = False
    if not usable:
        message = "is no address of an admin API, such as http://127.0.0.1:1880"
        raise ValueError(message)
    return url.rstrip("/")


class NodeRedConfig(BaseModel):
    """The Node-RED that runs the flows; the table ``[node_red]``. Times are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_must_be_an_address)] = "http://127.0.0.1:1880"
    """Of its admin API, with ``httpAdminRoot`` when there is one."""
    token: SecretStr = SecretStr("")
    """Bearer token of the admin API; or the file that holds it. Without either none is sent."""
    token_file: ExistingFile | None = None
    timeout: float = Field(default=10, ge=0.5, le=30)
    """For each request; less than the agent takes to stop."""
    broker_host: str = Field(default="127.0.0.1", min_length=1, max_length=255)
    """The MQTT broker that translated ``mqtt_out`` nodes publish to."""
    broker_port: int = Field(default=1883, ge=1, le=65_535)
    restart_command: tuple[Annotated[str, Field(min_length=1)], ...] = Field(default=(), max_length=64)
    """Starts Node-RED anew in safe mode, a program with its arguments; empty: one that hangs is left alone."""
    restart_after: float = Field(default=15, ge=1, le=600)
    """So long Node-RED answers nothing until then."""

    @model_validator(mode="after")
    def _token_can_be_sent(self) -> Self:
        token = self.token.get_secret_value()
        if token and not _TOKEN.fullmatch(token):
            message = "token has characters that no HTTP header takes"
            raise ValueError(message)
        if token and self.token_file is not None:
            message = "give token or token_file, not both"
            raise ValueError(message)
        return self

    def read_token(self) -> str:
        """Return the token, empty when there is none.

        Raises:
            ConfigError: the file cannot be read.
        """
        if self.token_file is None:
            return self.token.get_secret_value()
        try:
            token = self.token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            message = f"node_red.token_file: {self.token_file} cannot be read: {error}"
            raise ConfigError(message) from error
        if not _TOKEN.fullmatch(token):
            message = f"node_red.token_file: {self.token_file} must hold the token and nothing else"
            raise ConfigError(message)
        return token


class AgentConfig(BaseModel):
    """What one device needs to know. Paths may be relative to the settings' folder; times are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device_id: DeviceId
    """The IoT thing's name; the MQTT client id is the same, as the device's policy wants it."""
    endpoint: str = Field(min_length=1, max_length=255)
    port: int = Field(default=8883, ge=1, le=65_535)
    alpn: str | None = Field(default=None, max_length=255)
    """Protocol to name in the TLS handshake; the port decides when absent, and "" names none."""
    topic_rules: str = Field(default="edgeflow", pattern=r"^[a-zA-Z0-9_]{1,120}$")
    """What the names of the stack's topic rules begin with, as registering tells; reports go to them."""
    ca: ExistingFile | None = None
    """Certificate authority of the endpoint (PEM); the system's when absent, which knows AWS IoT's."""
    certificate: ExistingFile
    private_key: ExistingFile
    data_directory: Path
    artifact_keys: list[ExistingFile] = Field(default_factory=list, max_length=16)
    """Public keys (PEM); only versions that one of them signed run here. Without any, every version does."""
    order_keys: list[ExistingFile] = Field(default_factory=list, max_length=16)
    """Public keys (PEM); only orders that one of them signed for this device are taken. Without any, every job is."""
    store_limit: int = Field(default=DEFAULT_LIMIT, ge=1024 * 1024)
    """Bytes of artifacts that are kept, at most."""
    outbox_limit: int = Field(default=DEFAULT_OUTBOX_LIMIT, ge=64 * 1024, le=1024 * 1024 * 1024)
    """How many bytes of messages that flows have stored may wait for the connection."""
    health_interval: float = Field(default=900, ge=1, le=86_400)
    """How often the whole health is reported when nothing changes and no deployment asks for more."""
    health_pause: float = Field(default=PAUSE_SECONDS, ge=1, le=PAUSE_SECONDS)
    """Between two reports there is at least so long, whatever changes."""
    jitter: float = Field(default=2, ge=0, le=60)
    """Updates wait up to so long at random: a fleet shares 200 of them a second with its whole account."""
    keep_alive: int = Field(default=60, ge=30, le=1_200)
    """How long nothing may be heard; AWS IoT takes 30 to 1,200."""
    reconnect_min: float = Field(default=1, ge=0.1, le=60)
    reconnect_max: float = Field(default=120, ge=1, le=3_600)
    """Between these the limit grows below which the pause before a new connection is drawn at random."""
    proxy: Proxy | None = None
    provisioning_template: str | None = Field(default=None, pattern=r"^[0-9A-Za-z_-]{1,36}$")
    """The template by which the certificate is renewed; without one it is not. See docs/agent.md."""
    rotate_before_days: float = Field(default=30, ge=0, le=3_650)
    """How long before its end the agent renews the certificate by itself; 0: never."""
    log_file: Path | None = None
    """The agent's own log, rotated; standard error gets the same."""
    log_max_bytes: int = Field(default=5 * 1024 * 1024, ge=64 * 1024, le=1024 * 1024 * 1024)
    """How long a log file grows; there are three."""
    hardware: dict[str, Any] = Field(default_factory=dict)
    """What is wired to this device, such as ``dht_model``; see docs/nodes.md."""
    runtime: Literal["builtin", "node-red"] = "builtin"
    """What runs the flows."""
    node_red: NodeRedConfig = NodeRedConfig()
    """Counts with the runtime ``node-red`` alone; see docs/node-red.md."""

    variables: dict[VariableName, Any] = Field(default_factory=dict)
    """This device's own values of variables, in every flow that has a variable of the name."""
    flow_variables: dict[FlowId, dict[VariableName, Any]] = Field(default_factory=dict)
    """The same for one flow, by its id; these come before ``variables``."""
    health_check_programs: list[Annotated[str, StringConstraints(pattern=r"^/")]] = Field(default_factory=list)
    """Programs that health checks of flows may run here, by absolute path."""
    message_limit: int = Field(default=MAX_MESSAGE_BYTES, ge=16 * 1024, le=4 * 1024 * 1024)
    """Bytes that a message within a flow may have; see docs/nodes.md."""
    worker_memory: int = Field(default=96 * 1024 * 1024, ge=16 * 1024 * 1024, le=16 * 1024 * 1024 * 1024)
    """Bytes that one flow may use; one that uses more is ended. Each version of a flow has a process of its own."""
    worker_silence: float = Field(default=15, ge=5, le=600)
    """A flow whose process gives no sign of life for so long hangs, and is ended."""
    allow_loopback: bool = False
    """Whether ``http_request`` nodes may ask the device itself."""

    def overrides(self, flow_id: str) -> Mapping[str, Any]:
        """Return this device's own values of a flow's variables, by name."""
        return self.variables | self.flow_variables.get(flow_id, {})

    @property
    def unheard_limit(self) -> float:
        """Seconds for which nothing may be heard of the cloud before a version whose success waits is given back.

        A loss is noticed within one and a half of ``keep_alive``: so long a ping and its answer may take.
        """
        return 1.5 * self.keep_alive + self.reconnect_max + UNHEARD_SECONDS

    @model_validator(mode="after")
    def _pauses_must_grow(self) -> Self:
        if self.reconnect_max < self.reconnect_min:
            message = "reconnect_max is less than reconnect_min; make it as long, or longer"
            raise ValueError(message)
        return self


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
    for name in ("ca", "certificate", "private_key", "data_directory", "log_file"):
        if isinstance(document.get(name), str):
            document[name] = path.parent / _at_home(document[name])
    for name in ("artifact_keys", "order_keys"):
        keys = document.get(name)
        if isinstance(keys, list):
            document[name] = [path.parent / _at_home(key) if isinstance(key, str) else key for key in keys]
    for table, setting in (("proxy", "password_file"), ("node_red", "token_file")):
        held = document.get(table)
        if isinstance(held, dict) and isinstance(held.get(setting), str):
            held[setting] = path.parent / _at_home(held[setting])
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
    name = ".".join(str(part) for part in fault["loc"]) or "settings"
    match fault["type"]:
        case "missing":
            return f"  {name}: is missing; add it"
        case "extra_forbidden":
            tables: Mapping[object, type[BaseModel]] = {"proxy": Proxy, "node_red": NodeRedConfig}
            known = tables.get(fault["loc"][0], AgentConfig).model_fields
            return f"  {name}: is not a setting; known are {', '.join(known)}"
        case _:
            return f"  {name}: {fault['msg'].removeprefix('Value error, ')}"
