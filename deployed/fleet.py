"""A fleet of real agents in one process, each with its own certificate and its own MQTT connection."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from deployed import device_files
from deployed.rest import Rest
from deployed.stack import Stack
from edge_agent.agent import Agent
from edge_agent.config import AgentConfig

_WORKERS: Final = 8
JITTER_SECONDS: Final = 0.1
RECONNECT_MAX_SECONDS: Final = 2
"""Twenty devices need not come back spread over minutes."""
HEALTH_INTERVAL_SECONDS: Final = 30
HEALTH_PAUSE_SECONDS: Final = 1
"""Rollouts take seconds here, so what changes is told as fast."""


class Fleet:
    """Devices of one stack. Their keys and what they know are in a folder; whoever made it removes it."""

    def __init__(self, stack: Stack, directory: Path) -> None:
        """Keep the devices' files under this folder."""
        self._stack = stack
        self._directory = directory
        self._agents: dict[str, Agent] = {}

    def register(self, device_ids: Iterable[str]) -> None:
        """Register devices by REST and keep their certificates and keys. Raises ProblemError."""
        rest = Rest(self._stack)
        try:
            for device_id in device_ids:
                registered = rest.call("POST", "/devices", {"device_id": device_id})
                device_files.keep(
                    self._directory / device_id,
                    registered,
                    artifact_key=self._stack.artifact_key,
                    order_key=self._stack.order_key,
                )
        finally:
            rest.close()

    def config(
        self, device_id: str, hardware: Mapping[str, Any] | None = None, *, port: int | None = None
    ) -> AgentConfig:
        """Return the settings of a registered device, which connects at the usual port when none is named."""
        folder = self._directory / device_id
        return AgentConfig(
            device_id=device_id,
            endpoint=self._stack.mqtt_host,
            port=port or self._stack.mqtt_port,
            topic_rules=self._stack.topic_rules,
            ca=self._stack.ca_path,
            certificate=folder / device_files.CERTIFICATE,
            private_key=folder / device_files.PRIVATE_KEY,
            artifact_keys=[folder / device_files.ARTIFACT_KEY],
            order_keys=[folder / device_files.ORDER_KEY],
            data_directory=folder / "data",
            health_interval=HEALTH_INTERVAL_SECONDS,
            health_pause=HEALTH_PAUSE_SECONDS,
            jitter=JITTER_SECONDS,
            reconnect_max=RECONNECT_MAX_SECONDS,
            hardware=dict(hardware or {}),
        )

    def start(
        self,
        device_ids: Iterable[str],
        *,
        hardware: Mapping[str, Mapping[str, Any]] | None = None,
        ports: Mapping[str, int] | None = None,
    ) -> None:
        """Run the agents of registered devices.

        ``hardware`` says what some of them have wired to them, ``ports`` who connects at another port than the usual.
        """
        for device_id in device_ids:
            agent = Agent(self.config(device_id, (hardware or {}).get(device_id), port=(ports or {}).get(device_id)))
            agent.start()
            self._agents[device_id] = agent

    def running(self, flow_id: str) -> dict[str, int | None]:
        """Ask every device which version of the flow it runs now; None for none."""
        return {device_id: agent.running().get(flow_id) for device_id, agent in [*self._agents.items()]}

    def standing_by(self, flow_id: str) -> dict[str, int | None]:
        """Return the version of a flow that each device runs in its other slot, muted."""
        return {device_id: agent.standing_by().get(flow_id) for device_id, agent in self._agents.items()}

    def stop(self, device_ids: Iterable[str] | None = None) -> None:
        """Stop these agents, or all of them."""
        names = list(self._agents) if device_ids is None else list(device_ids)
        with ThreadPoolExecutor(_WORKERS) as pool:
            list(pool.map(lambda name: self._agents.pop(name).stop(), names))
