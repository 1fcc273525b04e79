"""Requests of many documents, one a line (JSON lines), and their answers, one a line as well."""

from typing import Annotated, Final

from pydantic import BaseModel, Field

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

    line: Annotated[int, Field(description="The line's number, from 1")]
    status: Annotated[int, Field(description="What one request would have been answered")]
    device_id: Annotated[str | None, Field(description="Absent where it cannot be read")] = None
    code: Annotated[Code, Field(description="As of a problem")]
    detail: Annotated[str, Field(description="As of a problem")]
    errors: Annotated[list[ProblemFault], Field(description="The first five faults")] = []
    more_errors: Annotated[int, Field(description="How many others there are")] = 0
    request_id: Annotated[str | None, Field(description="Finds the request in the logs")] = None
