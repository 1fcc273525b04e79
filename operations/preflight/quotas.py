"""Whether the account's quotas let a fleet be served."""

from collections.abc import Iterator
from typing import Any, Final

from operations.clients import Clients
from operations.preflight.findings import Finding, warning, well

LAMBDA: Final = "Lambda quota"
JOBS: Final = "IoT jobs quota"
ENOUGH_EXECUTIONS: Final = 100
"""Functions that may run at once. A new account can have 10, of which taking reports in uses up to half."""
ENOUGH_JOBS: Final = 100
"""Jobs that one deployment can need at once: 10,000 devices, 100 to a job."""
_SERVICE: Final = "AWS IoT Device Management"
_OF_JOBS: Final = ("active snapshot jobs", "concurrent jobs", "job concurrency")


def functions_at_once(clients: Clients) -> Iterator[Finding]:
    """Say whether AWS Lambda would throttle the stack."""
    limit: int = clients("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit < ENOUGH_EXECUTIONS:
        yield warning(
            LAMBDA,
            f"AWS Lambda runs at most {limit} functions at once in this account and region",
            why="a fleet that comes back takes them all: the API answers 429 or 502, and rollouts are late",
            remedy=(
                "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 "
                "--desired-value 1000"
            ),
        )
    else:
        yield well(LAMBDA, f"AWS Lambda runs up to {limit} functions at once")


def jobs_at_once(clients: Clients) -> Iterator[Finding]:
    """Say whether AWS IoT would take all jobs of one large deployment."""
    quotas = list(_quotas_of_jobs(clients("service-quotas")))
    if not quotas:
        yield warning(
            JOBS,
            "Service Quotas lists none for jobs here",
            why="a deployment to thousands of devices makes one job for each 100",
            remedy=f"look at the quotas of {_SERVICE} in the console",
        )
    for quota in quotas:
        name, value = quota["QuotaName"], quota["Value"]
        if value < ENOUGH_JOBS:
            yield warning(
                JOBS,
                f"{name}: {value:g}",
                why=f"a deployment to 10,000 devices has {ENOUGH_JOBS} jobs at once",
                remedy=(
                    f"aws service-quotas request-service-quota-increase --service-code {quota['ServiceCode']} "
                    f"--quota-code {quota['QuotaCode']} --desired-value {ENOUGH_JOBS}"
                ),
            )
        else:
            yield well(JOBS, f"{name}: {value:g}")


def _quotas_of_jobs(client: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  a client of Service Quotas
    services = client.get_paginator("list_services").paginate()
    codes = [each["ServiceCode"] for page in services for each in page["Services"] if each["ServiceName"] == _SERVICE]
    for code in codes:
        for page in client.get_paginator("list_service_quotas").paginate(ServiceCode=code):
            yield from (each for each in page["Quotas"] if any(part in each["QuotaName"].lower() for part in _OF_JOBS))
