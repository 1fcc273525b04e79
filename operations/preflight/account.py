"""Whose account this is, in which region, and whether AWS IoT is there."""

from collections.abc import Iterator

from operations.clients import Clients
from operations.preflight.findings import Finding, warning, well
from operations.preflight.template import Place

CHECK = "account"


def place_of(clients: Clients) -> tuple[Place, str]:
    """Return where these credentials deploy to, and the ARN of who has them."""
    sts = clients("sts")
    caller = sts.get_caller_identity()
    arn: str = caller["Arn"]
    return Place(partition=arn.split(":")[1], region=sts.meta.region_name, account=caller["Account"]), arn


def account(clients: Clients, place: Place, caller: str) -> Iterator[Finding]:
    """Say where a deployment would go."""
    if caller.endswith(":root"):
        yield warning(
            CHECK,
            f"these are the keys of the root user of account {place.account}",
            why="nothing limits them, and whoever gets hold of them has the account",
            remedy="make a user or a role of IAM for deployments, and delete the root user's keys",
        )
    endpoint = clients("iot").describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
    yield well(CHECK, f"{caller} deploys to account {place.account} in {place.region}; devices connect to {endpoint}")
