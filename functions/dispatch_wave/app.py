"""Entry point: the dispatch queue, and that of quick orders, which no backlog of waves may hold up.

A message that fails comes again alone, then goes to the dead-letter queue.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, assert_never

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from dispatch_wave.commands import (
    COMMAND,
    AwaitResume,
    CloseReturn,
    CloseWave,
    Command,
    DeployWave,
    GiveUp,
    ReturnDevices,
    WatchWaves,
    WindDown,
)
from edgeflow.bootstrap import deployments, dispatch, rollout, services, tally
from edgeflow.domain.clock import timestamp
from edgeflow.domain.errors import Conflict, StillCancelling, Unavailable
from edgeflow.use_cases.rollout.cancels import LOOKS_AGAIN_AFTER

logger = Logger()
tracer = Tracer()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def _carry_out(record: SQSRecord) -> None:
    command = COMMAND.validate_json(record.body)
    logger.info("carrying out", extra=command.model_dump(mode="json", exclude={"task_token"}))
    try:
        _obey(command, asked_at=_sent_at(record))
    except StillCancelling as still:
        # Whoever waits for the answer goes on waiting; the order comes back until the cancelled jobs have ended.
        logger.info("looking again", extra={"why": str(still)})
        services.dispatch_queue().again(record.body, after=LOOKS_AGAIN_AFTER)
    except Unavailable:
        # Another try does not have to wait for as long as one that died: AWS throttles for seconds.
        deliveries = int(record.attributes.approximate_receive_count)
        with suppress(Unavailable):
            services.queue_of_order(_source(record)).sooner(record.receipt_handle, deliveries=deliveries)
        raise


def _obey(command: Command, *, asked_at: datetime | None) -> None:
    match command:
        case DeployWave():
            dispatch.dispatch_wave()(command.deployment_id, command.wave, command.task_token, asked_at=asked_at)
        case CloseWave():
            rollout.close_wave()(
                command.deployment_id,
                command.wave,
                cause=command.cause,
                task_token=command.task_token,
                asked_at=asked_at,
            )
        case AwaitResume():
            rollout.await_resume()(command.deployment_id, command.task_token, breached=command.reason is not None)
        case WatchWaves():
            tally.watch_waves().begin(command.deployment_id, command.task_token, wave=command.wave, asked_at=asked_at)
        case ReturnDevices():
            dispatch.return_devices()(command.deployment_id, command.attempt, command.task_token, asked_at=asked_at)
        case CloseReturn():
            rollout.close_return()(command.deployment_id, command.attempt, task_token=command.task_token)
        case WindDown():
            rollout.wind_down()(command.deployment_id)
        case GiveUp():
            _give_up(command)
        case _:
            assert_never(command)


def _give_up(order: GiveUp) -> None:
    try:
        deployments.give_up_target().complete(
            order.deployment_id, order.device_id, by=order.by, asked_at=timestamp(order.asked_at)
        )
    except Conflict as settled:
        logger.info("nobody to give up on", extra={"device_id": order.device_id, "why": str(settled)})


def _source(record: SQSRecord) -> str:
    """Return the ARN of the queue that a message has come by."""
    return str(record.raw_event.get("eventSourceARN", ""))


def _sent_at(record: SQSRecord) -> datetime | None:
    """Return when a message was sent, which is the same at each delivery: a state sends it as it begins to wait."""
    sent = str(record.raw_event.get("attributes", {}).get("SentTimestamp", ""))
    return datetime.fromtimestamp(int(sent) / 1_000, UTC) if sent.isdecimal() else None


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Carry out each message; answers the ids of those that failed."""
    return process_partial_response(event, _carry_out, processor, context)
