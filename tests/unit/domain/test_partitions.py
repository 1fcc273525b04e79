"""In which part of AWS a stack is, by its ARNs; and that nothing else takes one part for all of AWS."""

import re

import pytest

from edgeflow.domain.partitions import partition_of
from localcloud.settings import ROOT

ONE_PART = re.compile(r"arn:aws:(?!.*``)|amazonaws\.com|\.aws\.amazon\.com")
KNOWN = ROOT / "layers" / "edgeflow" / "edgeflow" / "domain" / "partitions.py"


@pytest.mark.parametrize(
    ("arn", "name", "services", "console"),
    [
        ("arn:aws:iam::123456789012:role/r", "aws", "amazonaws.com", "console.aws.amazon.com"),
        ("arn:aws-cn:iam::123456789012:role/r", "aws-cn", "amazonaws.com.cn", "console.amazonaws.cn"),
        ("arn:aws-us-gov:iam::1:role/r", "aws-us-gov", "amazonaws.com", "console.amazonaws-us-gov.com"),
        ("arn:aws-new:iam::1:role/r", "aws-new", "amazonaws.com", "console.aws.amazon.com"),
    ],
)
def test_a_partition_is_told_by_its_arns(arn: str, name: str, services: str, console: str) -> None:
    found = partition_of(arn)
    assert (found.name, found.services, found.console) == (name, services, console)


def test_no_code_takes_one_partition_for_all() -> None:
    code = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers" / "edgeflow" / "edgeflow").rglob("*.py")]
    assert KNOWN in code
    lines = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in code
        if path != KNOWN
        for line in path.read_text(encoding="utf-8").splitlines()
        if ONE_PART.search(line.partition("#")[0])
    ]
    assert lines == []
