"""What AWS IoT's fleet provisioning answers, in the words of the port; nothing here needs a network."""

from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from awscrt.exceptions import AwsCrtError
from awsiot import V2ServiceException, iotidentity

from edge_agent.cloud.identity import Connection, Identity
from edge_agent.config import AgentConfig, ConfigError
from edge_agent.enrolment.ports import Refused, Signed, Unreachable
from tests.unit.edge_agent.keys import write_keys

SIGNED: Final = SimpleNamespace(certificate_id="a1", certificate_pem="PEM", certificate_ownership_token="token")


class IotIdentity:
    """Stands for the SDK's client: gives one answer after the other, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: object) -> None:
        """Answer with these, or fail with those that are exceptions."""
        self._answers = list(answers)
        self.requests: list[Any] = []

    def register_thing(self, request: object) -> "Future[Any]":
        """Answer."""
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        future: Future[Any] = Future()
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return future

    create_certificate_from_csr = register_thing


def rejected(code: str | None) -> V2ServiceException:
    """Return what the SDK raises for a rejected request; without a code, for one that got no answer."""
    modeled = iotidentity.V2ErrorResponse(status_code=400, error_code=code, error_message="so it is") if code else None
    return V2ServiceException("rejected", RuntimeError("below"), modeled)


def connection(folder: Path) -> Connection:
    certificate, key = write_keys(folder)
    return Connection(settings(folder, certificate, key), client_id="claim.dev_001", patience=0.2)


def settings(folder: Path, certificate: Path, key: Path) -> AgentConfig:
    return AgentConfig(
        device_id="dev_001",
        endpoint="127.0.0.1",
        port=9,
        certificate=certificate,
        private_key=key,
        data_directory=folder,
    )


def identity(folder: Path, *answers: object) -> tuple[Identity, IotIdentity, list[float]]:
    pauses: list[float] = []
    sdk = IotIdentity(*answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iotidentity, "IotIdentityClientV2", lambda *_: sdk)
        made = Identity(connection(folder).client, pause=pauses.append)
    return made, sdk, pauses


def test_a_request_is_signed(tmp_path: Path) -> None:
    made, sdk, _ = identity(tmp_path, SIGNED)
    assert made.sign("CSR") == Signed(certificate_id="a1", pem="PEM", token="token")
    assert [request.to_payload() for request in sdk.requests] == [{"certificateSigningRequest": "CSR"}]


def test_a_device_is_registered_by_its_template(tmp_path: Path) -> None:
    made, sdk, _ = identity(tmp_path, SimpleNamespace(thing_name="dev_001"))
    made.register(template="edgeflow", device_id="dev_001", token="token")
    (request,) = sdk.requests
    assert request.template_name == "edgeflow"
    assert request.to_payload() == {
        "certificateOwnershipToken": "token",
        "parameters": {"DeviceId": "dev_001"},
    }


def test_a_refusal_is_final_and_says_where_the_reason_is(tmp_path: Path) -> None:
    made, sdk, pauses = identity(tmp_path, rejected("AccessDenied"))
    with pytest.raises(Refused, match=r"AccessDenied .*log of the function allow_provisioning"):
        made.register(template="edgeflow", device_id="dev_001", token="token")
    assert (len(sdk.requests), pauses) == (1, [])


@pytest.mark.parametrize("passing", [rejected("InvocationError"), rejected(None), AwsCrtError(1, "gone", "gone")])
def test_what_may_pass_is_tried_again(tmp_path: Path, passing: Exception) -> None:
    made, sdk, pauses = identity(tmp_path, passing, passing, SIGNED)
    assert made.sign("CSR").token == "token"
    assert (len(sdk.requests), len(pauses)) == (3, 2)


@pytest.mark.parametrize("lasting", [rejected("InvocationError"), rejected(None), AwsCrtError(1, "gone", "gone")])
def test_what_does_not_pass_is_told(tmp_path: Path, lasting: Exception) -> None:
    made, sdk, _ = identity(tmp_path, lasting)
    with pytest.raises(Unreachable, match="try again later"):
        made.sign("CSR")
    assert len(sdk.requests) == 4


def test_nobody_there_is_told_with_what_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"no connection to 127\.0\.0\.1:9 .*check the network"), connection(tmp_path):
        pytest.fail("there is nobody")


def test_files_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    certificate, _ = write_keys(tmp_path)
    with pytest.raises(ConfigError, match="must be PEM"):
        Connection(settings(tmp_path, certificate, certificate), client_id="claim.dev_001")
