"""Lambda functions that answer what a test has told them to.

moto runs functions in Docker, or answers all of them alike. Its backend is replaced at the one method behind its
HTTP interface, so that a state machine's request and the answer still go through boto3 as they do on AWS.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import JsonRESTError


@dataclass(frozen=True, slots=True)
class Raises:
    """The handler raises: Lambda reports the exception's class name, its message and where it happened."""

    error: str
    message: str = "it went wrong"


@dataclass(frozen=True, slots=True)
class Refuses:
    """Lambda itself refuses the call, as it does when it throttles."""

    code: str
    message: str = "Rate Exceeded."


Answer = Mapping[str, object] | Raises | Refuses


@dataclass
class Functions:
    """Functions by the last part of their ARN, with what they were asked, and what they answer."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))

    def answers(self, name: str, *answers: Answer) -> None:
        """Have a function give these answers in turn, then the last of them again and again."""
        self._answers[name] = list(answers)

    def asked(self, name: str) -> list[dict[str, Any]]:
        """Return the events a function was invoked with, oldest first."""
        return [event for called, event in self.calls if called == name]

    def invoke(
        self,
        function_name: str,
        _qualifier: str | None,
        body: str | bytes,
        _headers: object,
        response_headers: dict[str, str],
    ) -> bytes:
        """Take the place of moto's ``LambdaSimpleBackend.invoke``."""
        name = function_name.rpartition(":")[2]
        self.calls.append((name, json.loads(body)))
        answers = self._answers[name] or [Raises("NoAnswer", f"the test has no answer for {name}")]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        match answer:
            case Refuses(code=code, message=message):
                raise JsonRESTError(code, message)
            case Raises(error=error, message=message):
                response_headers["x-amz-function-error"] = "Unhandled"
                return json.dumps({"errorMessage": message, "errorType": error, "stackTrace": []}).encode()
            case _:
                return json.dumps(answer).encode()
