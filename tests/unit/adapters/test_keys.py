"""What a record is, by its key alone."""

import pytest

from edgeflow.adapters import keys
from edgeflow.domain.unreadable import Kind


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (keys.flow_key("flow_1"), (Kind.FLOW, "flow_1", "flow_1")),
        (keys.version_key("flow_1", 12), (Kind.VERSION, "12", "flow_1")),
        (keys.deployment_key("dep_1"), (Kind.DEPLOYMENT, "dep_1", "dep_1")),
        (keys.counters_key("dep_1"), (Kind.DEPLOYMENT, "dep_1", "dep_1")),
        (keys.target_key("dep_1", "a:b"), (Kind.TARGET, "a:b", "dep_1")),
        (keys.wave_key("dep_1", "R001"), (Kind.WAVE, "R001", "dep_1")),
        (keys.return_key("dep_1", 1, 2, "dev_1"), (Kind.RETURN, "dev_1", "dep_1")),
        (keys.device_key("dev_1"), (Kind.DEVICE, "dev_1", "dev_1")),
        (keys.report_key("dev_1"), (Kind.DEVICE, "dev_1", "dev_1")),
        (keys.install_key("dev_1", "flow_1"), (Kind.INSTALL, "flow_1", "dev_1")),
        (keys.event_key("dep_1", 3), (Kind.EVENT, "3", "dep_1")),
        (("elsewhere", "x"), (Kind.UNKNOWN, "elsewhere x", "")),
    ],
)
def test_a_key_says_what_a_record_is(key: keys.Key, expected: tuple[Kind, str, str]) -> None:
    assert keys.record_of({"pk": key[0], "sk": key[1]}) == expected
