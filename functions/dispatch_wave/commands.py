"""Messages of the dispatch queue, as the state machines and the API write them."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from edgeflow.contract.history.details import Actor
from edgeflow.contract.ids import DeploymentId, DeviceId
from edgeflow.domain.jobs import MAX_ATTEMPT, MAX_WAVE
from edgeflow.use_cases.rollout.close_wave import CloseCause

MAX_TOKEN_LENGTH: Final = 2_048  # Step Functions: taskToken
WaveNumber = Annotated[int, Field(ge=1, le=MAX_WAVE)]
Attempt = Annotated[int, Field(ge=1, le=MAX_ATTEMPT)]


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    deployment_id: DeploymentId


class _Command(_Order):
    task_token: Annotated[str, Field(min_length=1, max_length=MAX_TOKEN_LENGTH)]


class DeployWave(_Command):
    """Create the jobs of a wave; answered when the wave is decided."""

    command: Literal["deploy_wave"]
    wave: WaveNumber


class CloseWave(_Command):
    """Cancel a wave's jobs and settle its targets; answered when every target is accounted for."""

    command: Literal["close_wave"]
    wave: WaveNumber
    cause: CloseCause


class AwaitResume(_Command):
    """Wait while the deployment is paused; ``reason`` ``breach`` pauses it first."""

    command: Literal["await_resume"]
    reason: Literal["breach"] | None = None


class WatchWaves(_Command):
    """Wait after a wave; answered by a breach of a wave that was deployed before, or by an operator who promotes."""

    command: Literal["watch_waves"]
    wave: WaveNumber | None = None
    """None: sent by an execution that began before waits were numbered."""


class ReturnDevices(_Command):
    """Create the jobs of a rollback attempt; answered when every device is accounted for."""

    command: Literal["return_devices"]
    attempt: Attempt


class CloseReturn(_Command):
    """Cancel a rollback attempt's jobs; answered when every device is accounted for."""

    command: Literal["close_return"]
    attempt: Attempt


class WindDown(_Order):
    """Stop what a cancelled deployment has under way. No state waits for it: the API gives this order."""

    command: Literal["wind_down"]


class GiveUp(_Order):
    """Count a device as failed once its cancelled job has ended. No state waits for it: the API gives this order."""

    command: Literal["give_up"]
    device_id: DeviceId
    by: Actor
    asked_at: datetime


StateCommand = DeployWave | CloseWave | AwaitResume | WatchWaves | ReturnDevices | CloseReturn
"""What a state of a machine waits for."""
Command = StateCommand | WindDown | GiveUp

COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(
    Annotated[Command, Field(discriminator="command")],
    config=ConfigDict(hide_input_in_errors=True),  # whoever logs an error must not log the task token with it
)
