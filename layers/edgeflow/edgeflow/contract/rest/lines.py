"""Requests of many documents, one a line (JSON lines), and their answers, one a line as well."""

from typing import Final

from pydantic import BaseModel

from edgeflow.contract.rest.problem import Code, ProblemFault

JSON_LINES: Final = ("application/jsonl", "application/x-ndjson")
"""What a body of one JSON document a line may be said to be; answers are said to be the first."""

MAX_LINES: Final = 1_000
"""Of one request. As many answers with a private key each are 3.7 MB; a function may answer 6 MB."""
MAX_FAULTS_A_LINE: Final = 5


class LineRefused(BaseModel):
    """Answer to one line of ``POST /v1/devices`` as JSON lines that came to nothing; ``code`` is that of a problem.

    ``device_id`` is absent where it cannot be read. ``errors`` has the first faults, ``more_errors`` counts the others.
    ``request_id`` finds the request in the logs.
    """

    line: int
    status: int
    device_id: str | None = None
    code: Code
    detail: str
    errors: list[ProblemFault] = []
    more_errors: int = 0
    request_id: str | None = None
