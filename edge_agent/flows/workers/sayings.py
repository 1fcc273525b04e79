"""What a worker says to the agent, each read with bounds: it is as little to be trusted as the flow it runs."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from edge_agent.flows.language.proof import MAX_PROOF_SECONDS
from edge_agent.flows.workers.channel import Frame, FrameError
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import MAX_REPORTED_NODES, Health, NodeActivity, NodeHealth
from edgeflow.contract.wire import Count, Measure

MAX_FAILED: Final = 50
"""Failures in one saying; more go into the next one."""
MAX_LOGGED: Final = 8_192
"""Characters of one entry of the log."""
MAX_FAULTS: Final = 200
ProofSeconds = Annotated[float, Field(ge=0, le=MAX_PROOF_SECONDS, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0, lt=2**53)]
LinkName = Annotated[str, Field(min_length=1, max_length=256)]
Topic = Annotated[str, Field(min_length=1, max_length=512)]


class _Saying(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Alive(_Saying):
    """Nothing, but each second: that the worker lives."""

    kind: Literal["alive"] = "alive"


class Checked(_Saying):
    """The flow can run here, or could: all there is to say when only that was asked."""

    kind: Literal["checked"] = "checked"


class Rejected(_Saying):
    """The flow cannot run here."""

    kind: Literal["rejected"] = "rejected"
    reason: Reason
    faults: tuple[Annotated[str, Field(max_length=1_024)], ...] = Field(max_length=MAX_FAULTS)


class HealthSaid(_Saying):
    """How the flow is, and how its nodes have failed since this was said last. ``grace`` is in seconds.

    So are ``proof`` and ``proof_switched``: see :class:`~edge_agent.flows.language.proof.Proof`.
    """

    kind: Literal["health"] = "health"
    health: Health
    nodes: tuple[NodeHealth, ...] = Field(default=(), max_length=MAX_REPORTED_NODES)
    failed: tuple[NodeHealth, ...] = Field(default=(), max_length=MAX_FAILED)
    grace: Measure = 0.0
    proof: ProofSeconds = 0.0
    proof_switched: ProofSeconds = 0.0


class ActivitySaid(_Saying):
    """How busy the flow is."""

    kind: Literal["activity"] = "activity"
    per_minute: Measure
    dropped: Count
    nodes: tuple[NodeActivity, ...] = Field(default=(), max_length=MAX_REPORTED_NODES)


class Publish(_Saying):
    """Publish what the frame carries; answered by ``published`` with the same ``id``.

    With ``settles``, ``settled`` comes later for the topic, each time that something became of a message to it.
    """

    kind: Literal["publish"] = "publish"
    id: Number
    topic: Topic
    qos: Literal[0, 1] = 0
    store: bool = False
    settles: bool = False


class Subscribe(_Saying):
    """Hand over what comes to a topic, under this ``id``."""

    kind: Literal["subscribe"] = "subscribe"
    id: Number
    topic: Topic


class Unsubscribe(_Saying):
    """End that."""

    kind: Literal["unsubscribe"] = "unsubscribe"
    id: Number


class Listen(_Saying):
    """Hand over what goes into links of this name, or no longer."""

    kind: Literal["listen"] = "listen"
    name: LinkName
    on: bool


class LinkSent(_Saying):
    """Hand the message that the frame carries to other flows that listen to this name."""

    kind: Literal["link"] = "link"
    name: LinkName


class LinesAsked(_Saying):
    """Have a call to the GPIO lines done; answered by ``answer`` with the same ``id``."""

    kind: Literal["lines"] = "lines"
    id: Number
    name: str = Field(max_length=32)
    call: dict[str, str | int | bool | None] = Field(max_length=8)


class LinesAnswered(_Saying):
    """Said by the process that has the lines open: what became of a call."""

    kind: Literal["lines_answer"] = "lines_answer"
    worker: Number
    id: Number
    answer: dict[str, Any] = Field(max_length=4)


class Logged(_Saying):
    """An entry of the log; ``left_out`` came too fast before it."""

    kind: Literal["log"] = "log"
    level: Annotated[int, Field(ge=0, le=50)]
    logger: str = Field(max_length=256)
    message: str = Field(max_length=MAX_LOGGED)
    node_id: str | None = Field(default=None, max_length=256)
    left_out: Count = 0


Saying = (
    Alive
    | Checked
    | Rejected
    | HealthSaid
    | ActivitySaid
    | Publish
    | Subscribe
    | Unsubscribe
    | Listen
    | LinkSent
    | LinesAsked
    | LinesAnswered
    | Logged
)
_READER: Final[TypeAdapter[Saying]] = TypeAdapter(Annotated[Saying, Field(discriminator="kind")])


def read_saying(frame: Frame) -> Saying:
    """Return what a worker says. Raises FrameError: it makes no sense."""
    try:
        return _READER.validate_python(frame.about)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        message = f"a frame came that makes no sense: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        raise FrameError(message) from error
