"""Registering many devices in one request: JSON lines in, an answer for each line out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from api.bodies import read_json_text, read_text
from api.headers import IDEMPOTENCY_KEY, values_of
from api.media_types import check_media_type
from api.problems import MalformedRequest, plain, status_of, told_of
from api.views.devices import enrolled
from edgeflow.adapters.readable import NAMESPACE
from edgeflow.bootstrap import enrolment
from edgeflow.contract.rest.devices import RegisterDevice
from edgeflow.contract.rest.lines import JSON_LINES, MAX_FAULTS_A_LINE, MAX_LINES, LineRefused
from edgeflow.contract.rest.problem import Code, ProblemFault
from edgeflow.contract.wording import counted
from edgeflow.domain.errors import Fault, InvalidRequest
from edgeflow.use_cases.enrolment.register_devices import Outcome, Wanted

_MAX_SENTENCE: Final = 400
_MAX_ID: Final = 128

RegisterAll = Callable[[list[Wanted]], list[Outcome]]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, counted from 1, and what it asks for or why it cannot be."""

    number: int
    device_id: str | None
    asks: Wanted | MalformedRequest | InvalidRequest


def register_lines(event: APIGatewayProxyEvent, register: RegisterAll) -> Response[str]:
    """Answer each line of the body with what became of its device.

    Raises:
        InvalidRequest: too many lines, or an idempotency key: what has private keys in it is not kept.
        BodyTooLarge, MalformedRequest, UnsupportedMediaType: the body is none of lines.
    """
    if values_of(event, IDEMPOTENCY_KEY):
        message = "is not taken with lines; a line that comes again registers no device twice, so send none"
        raise InvalidRequest([Fault(IDEMPOTENCY_KEY, message)])
    check_media_type(event, *JSON_LINES)
    lines = list(_read(_texts(read_text(event))))
    wanted = [line.asks for line in lines if isinstance(line.asks, Wanted)]
    outcomes = iter(register(wanted))
    answers: list[str] = []
    for line in lines:
        outcome = next(outcomes) if isinstance(line.asks, Wanted) else line.asks
        if isinstance(outcome, BaseException):
            refused = _refused(line, outcome, event.request_context.request_id)
            answers.append(refused.model_dump_json(exclude_none=True))
        else:
            made = enrolled(outcome, topic_rules=enrolment.topic_rules())
            body = {"line": line.number, "status": HTTPStatus.CREATED, **made.body, **made.secret}
            answers.append(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
    return Response(
        status_code=HTTPStatus.OK,
        content_type=JSON_LINES[0],
        headers={"Cache-Control": "no-store"},
        body="".join(f"{answer}\n" for answer in answers),
    )


def _texts(body: str) -> list[tuple[int, str]]:
    texts = [(number, text) for number, text in enumerate(body.split("\n"), start=1) if text.strip()]
    if len(texts) > MAX_LINES:
        message = f"has {counted(len(texts), 'line')}; at most {MAX_LINES} are allowed"
        raise InvalidRequest([Fault("", message)])
    return texts


def _read(texts: list[tuple[int, str]]) -> Iterator[_Line]:
    """Read each line by itself; of two that name one device, the first counts."""
    first: dict[str, int] = {}
    for number, text in texts:
        device_id: str | None = None
        try:
            body = read_json_text(text)
            device_id = _id_in(body.document)
            asked = body.read_as(RegisterDevice)
        except (MalformedRequest, InvalidRequest) as error:
            yield _Line(number, device_id, error)
            continue
        before = first.setdefault(asked.device_id, number)
        if before != number:
            twice = InvalidRequest([Fault("/device_id", f"line {before} has this device already")])
            yield _Line(number, device_id, twice)
            continue
        claim = asked.enrolment == "claim"
        wanted = Wanted(device_id=asked.device_id, csr=asked.csr, claim=claim, re_enrol=asked.re_enrol)
        yield _Line(number, device_id, wanted)


def _id_in(document: Any) -> str | None:  # noqa: ANN401  JSON can be anything
    device_id = document.get("device_id") if isinstance(document, dict) else None
    return plain(device_id, _MAX_ID) if isinstance(device_id, str) else None


def _refused(line: _Line, error: BaseException, request_id: str | None) -> LineRefused:
    told = told_of(error)
    if told.code is Code.INTERNAL:  # of a whole request the application's own handler tells so
        _logger().error("unexpected error", exc_info=error, extra={"line": line.number})
        with single_metric(
            "UnexpectedErrors",
            unit=MetricUnit.Count,
            value=1,
            namespace=NAMESPACE,
            default_dimensions={"service": "api"},
        ):
            pass
    faults = told.faults[:MAX_FAULTS_A_LINE]
    return LineRefused(
        line=line.number,
        status=status_of(told.code),
        device_id=line.device_id,
        code=told.code,
        detail=plain(told.detail, _MAX_SENTENCE),
        errors=[
            ProblemFault(pointer=plain(fault.pointer, _MAX_SENTENCE), detail=plain(fault.message, _MAX_SENTENCE))
            for fault in faults
        ],
        more_errors=told.more + len(told.faults) - len(faults),
        request_id=request_id,
    )


@cache
def _logger() -> Logger:
    return Logger(service="api", child=True)
