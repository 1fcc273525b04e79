"""Lets MiniStack refuse CreateJob with 429 at first, as AWS IoT does when an account makes more than ten a second.

Each job is refused ``CREATE_JOB_REFUSALS`` times before it is made (:mod:`localcloud.lags`).
"""

from collections import Counter
from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import iot

from localcloud import lags

_TOO_MANY: Final = 429


def install() -> None:
    """Wrap the emulator's way to make a job, if it is to refuse. Call it once, before the emulator starts."""
    refusals = int(lags.number(lags.CREATE_JOB_REFUSALS))
    if not refusals:
        return
    create = iot._create_job  # noqa: SLF001  the emulator has no hook for this
    refused: Counter[str] = Counter()

    async def create_later(job_id: str, payload: dict[str, Any]) -> Any:  # noqa: ANN401  the emulator's own kind of answer
        things = [str(target).rpartition("/")[2] for target in payload.get("targets", [])]
        if refused[job_id] < refusals and lags.is_late(things):
            refused[job_id] += 1
            return error_response_json("ThrottlingException", "Rate exceeded", _TOO_MANY)
        return await create(job_id, payload)

    iot._create_job = create_later  # noqa: SLF001
