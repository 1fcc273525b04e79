"""Registering many devices in one request, a line each."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.bootstrap import enrolment
from edgeflow.contract.rest.lines import JSON_LINES, MAX_FAULTS_A_LINE, MAX_LINES
from edgeflow.domain.devices import Certificate
from edgeflow.domain.errors import CannotBeRead, Unavailable
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.use_cases.enrolment.register_device import Registration
from edgeflow.use_cases.enrolment.register_devices import Outcome, Wanted
from tests.support.nonsense import BODIES
from tests.support.rest import Rest, RestAnswer

LAMBDA_ANSWERS = 6_291_556
"""Bytes that AWS Lambda lets a function answer."""


def _send(rest: Rest, *lines: object, **headers: str) -> RestAnswer:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return rest("POST", "/v1/devices", body, headers={"Content-Type": JSON_LINES[0], **headers})


def _answers(answer: RestAnswer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == JSON_LINES[0]
    return [json.loads(line) for line in answer.text.removesuffix("\n").split("\n")]


@pytest.mark.slow
def test_each_line_is_answered_with_what_the_device_needs_or_why_it_is_refused(rest: Rest) -> None:
    rest("POST", "/v1/devices", {"device_id": "dev_001"})
    answers = _answers(
        _send(
            rest,
            {"device_id": "dev_001"},
            {"device_id": "dev_002"},
            "",
            {"device_id": "dev_003", "enrolment": "claim"},
            {"device_id": "dev_002", "enrolment": "claim"},
            {"device_id": "a b", "colour": "red"},
            "{",
            '{"device_id": "dev_004", "device_id": "dev_005"}',
            "7\r",
        )
    )
    assert [(each["line"], each["status"], each.get("device_id"), each.get("code")) for each in answers] == [
        (1, 409, "dev_001", "conflict"),
        (2, 201, "dev_002", None),
        (4, 201, "dev_003", None),
        (5, 422, "dev_002", "invalid-request"),
        (6, 422, "a b", "invalid-request"),
        (7, 400, None, "malformed-request"),
        (8, 400, None, "malformed-request"),
        (9, 422, None, "invalid-request"),
    ]
    alone = rest("POST", "/v1/devices", {"device_id": "dev_006"}).body
    assert answers[1].keys() == {"line", "status"} | alone.keys()
    assert answers[1]["private_key"].startswith("-----BEGIN")
    assert answers[2]["state"] == "announced"
    assert [fault["pointer"] for fault in answers[4]["errors"]] == ["/device_id", "/colour"]
    assert answers[3]["errors"][0]["detail"] == "line 2 has this device already"
    listed = rest("GET", "/v1/devices").body["devices"]
    assert [device["device_id"] for device in listed] == ["dev_001", "dev_002", "dev_003", "dev_006"]


def test_lines_that_come_again_register_no_device_twice(rest: Rest) -> None:
    lines = [{"device_id": f"dev_{number}", "enrolment": kind} for number, kind in enumerate(["certificate", "claim"])]
    _send(rest, *lines)
    assert [each["status"] for each in _answers(_send(rest, *lines))] == [409, 201]
    assert len(boto3.client("iot").list_certificates()["certificates"]) == 1


@pytest.mark.parametrize("stated", [*JSON_LINES, f"{JSON_LINES[0]}; charset=utf-8", "Application/X-NDJSON"])
def test_lines_go_by_their_type(rest: Rest, stated: str) -> None:
    answer = _send(rest, {"device_id": "dev_001", "enrolment": "claim"}, **{"Content-Type": stated})
    assert [each["status"] for each in _answers(answer)] == [201]


def test_what_is_no_body_of_lines_is_refused_whole(rest: Rest) -> None:
    assert _send(rest, "").status == 400
    assert _send(rest, *["{}"] * (MAX_LINES + 1)).faults == {"": "has 1001 lines; at most 1000 are allowed"}
    keyed = _send(rest, {"device_id": "dev_001"}, **{"Idempotency-Key": "once"})
    assert (keyed.status, list(keyed.faults)) == (422, ["Idempotency-Key"])
    latin = _send(rest, {"device_id": "dev_001"}, **{"Content-Type": f"{JSON_LINES[0]}; charset=latin-1"})
    assert latin.status == 415
    assert rest("GET", "/v1/devices").body["devices"] == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(BODIES | st.just('{"device_id": "dev_1", "enrolment": "claim"}'), max_size=8))
def test_whatever_the_lines_are_each_is_answered_once_and_in_few_words(rest: Rest, texts: list[str]) -> None:
    body = "\n".join(texts)
    answer = _send(rest, body)
    numbers = [number for number, text in enumerate(body.split("\n"), start=1) if text.strip()]
    if not numbers:
        assert answer.status == 400
        return
    if answer.status == 400:  # half of a surrogate pair, which no body has
        assert "UTF-8" in answer.body["detail"]
        return
    answers = _answers(answer)
    assert [each["line"] for each in answers] == numbers
    for each in answers:
        assert each["status"] in {201, 400, 422}
        assert len(each.get("errors", [])) <= MAX_FAULTS_A_LINE
        assert len(json.dumps(each)) < 5_000


def _large(number: int) -> str:
    return f"{number:04d}".ljust(128, "x")


def _key_made_here(wanted: Wanted) -> Registration:
    """Return a registration as long as AWS IoT's: keys of RSA with 2048 bits."""
    arn = f"arn:aws-us-gov:iot:us-gov-west-1:123456789012:cert/{'ab' * 32}"
    certificate = Certificate(arn=arn, pem=_pem("CERTIFICATE", 1_240), private_key=_pem("RSA PRIVATE KEY", 1_600))
    endpoint = "a1b2c3d4e5f6g7-ats.iot.us-gov-west-1.amazonaws.com"
    return Registration(device_id=wanted.device_id, certificate=certificate, mqtt_endpoint=endpoint, mqtt_port=8_883)


def _certified(wanted: Wanted) -> Registration:
    """Return a registration with the certificate of a key of 4096 bits, that the device keeps."""
    made = _key_made_here(wanted)
    return replace(made, certificate=replace(made.certificate, pem=_pem("CERTIFICATE", 2_000), private_key=None))


def _refused_at_length(wanted: Wanted) -> CannotBeRead:
    return CannotBeRead(Unreadable(kind=Kind.DEVICE, id=wanted.device_id, of="", fault="f" * 300))


def _pem(what: str, characters: int) -> str:
    lines = ["A" * 64] * (characters // 64)
    return "\n".join([f"-----BEGIN {what}-----", *lines, f"-----END {what}-----", ""])


@pytest.mark.parametrize("outcome", [_key_made_here, _certified, _refused_at_length, lambda _: ZeroDivisionError()])
@pytest.mark.slow
def test_the_longest_answer_fits_into_what_lambda_lets_through(
    rest: Rest, monkeypatch: pytest.MonkeyPatch, outcome: Callable[[Wanted], Outcome]
) -> None:
    def register(wanted: list[Wanted], **_: object) -> list[Outcome]:
        return [outcome(device) for device in wanted]

    monkeypatch.setattr(enrolment, "register_devices", lambda: register)
    answer = _send(rest, *({"device_id": _large(number)} for number in range(MAX_LINES)))
    assert len(_answers(answer)) == MAX_LINES
    assert len(json.dumps({"statusCode": 200, "body": answer.text})) < LAMBDA_ANSWERS


def test_a_fault_of_ours_is_one_lines_only_and_found_in_the_logs(
    rest: Rest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    outcomes: list[Outcome] = [ZeroDivisionError(), Unavailable("AWS IoT is busy")]
    monkeypatch.setattr(enrolment, "register_devices", lambda: lambda *_, **__: outcomes)
    first, second = _answers(_send(rest, {"device_id": "a"}, {"device_id": "b"}))
    assert (first["status"], first["code"], first["request_id"]) == (500, "internal", "request-1")
    assert (second["status"], second["code"]) == (503, "unavailable")
    assert "ZeroDivisionError" in caplog.text
    assert '"UnexpectedErrors":[1.0]' in capsys.readouterr().out
