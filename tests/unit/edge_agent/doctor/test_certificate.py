"""From when to when a certificate is valid."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_agent.doctor.certificate import read_validity
from tests.unit.edge_agent.keys import Authority

pytestmark = pytest.mark.slow


def test_validity_is_read_also_beyond_2050(tmp_path: Path) -> None:
    certificate, _ = Authority(tmp_path).issue("old", ends=timedelta(days=365 * 30))
    validity = read_validity(certificate)
    assert abs(validity.ends - datetime.now(UTC) - timedelta(days=365 * 30)) < timedelta(minutes=1)
    assert abs(datetime.now(UTC) - validity.begins - timedelta(days=30)) < timedelta(minutes=1)
