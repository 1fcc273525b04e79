"""AWS's partitions: parts of it with names, addresses and consoles of their own, such as that of China."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Partition:
    """``name`` is what ARNs have in the second place; services and consoles have addresses that end in the others."""

    name: str
    services: str
    console: str


_AWS: Final = Partition("aws", "amazonaws.com", "console.aws.amazon.com")
_OTHERS: Final = {
    each.name: each
    for each in (
        Partition("aws-cn", "amazonaws.com.cn", "console.amazonaws.cn"),
        Partition("aws-us-gov", "amazonaws.com", "console.amazonaws-us-gov.com"),
    )
}


def partition_of(arn: str) -> Partition:
    """Return the partition of an ARN such as ``arn:aws-cn:iam::ACCOUNT:role/NAME``.

    One that is not known here is taken to have the addresses of AWS's largest.
    """
    name = arn.split(":")[1]
    return _OTHERS.get(name, replace(_AWS, name=name))
