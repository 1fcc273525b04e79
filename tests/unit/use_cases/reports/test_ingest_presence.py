"""AWS IoT's word on who is connected: the newest counts, whatever the order, and an absence is watched every time."""

from edgeflow.domain.devices import Presence
from edgeflow.use_cases.reports.ingest_presence import IngestPresence
from tests.unit.use_cases.cloud import DEPLOYMENT, Cloud, running_world
from tests.unit.use_cases.memory_devices import MemoryConnections

LEFT = Presence(device_id="dev_001", connected=False, connection=2, at_ms=2_000)
CAME = Presence(device_id="dev_001", connected=True, connection=1, at_ms=1_000, certificate_id="a" * 64)


def test_the_newest_word_counts_in_any_order() -> None:
    for order in ([CAME, LEFT], [LEFT, CAME]):
        cloud = Cloud(running_world(1))
        for presence in order:
            cloud.ingest_presence(presence)
        assert cloud.world.presences == {"dev_001": LEFT}


def test_a_disconnection_that_comes_again_is_no_news_and_is_watched_all_the_same() -> None:
    cloud = Cloud(running_world(1))
    cloud.plan(DEPLOYMENT)
    assert cloud.ingest_presence(LEFT)
    (reminder,) = cloud.world.reminders
    cloud.world.reminders.clear()
    assert not cloud.ingest_presence(LEFT)
    assert cloud.world.reminders == {reminder}, "the function may have died before it reminded itself"


def test_a_connection_proves_its_certificate_before_its_presence_is_kept() -> None:
    cloud = Cloud(running_world(1))
    told: list[object] = []

    class Confirming:
        def __call__(self, device_id: str, certificate_id: str) -> bool:
            told.append((device_id, certificate_id, dict(cloud.world.presences)))
            return True

    ingest = IngestPresence(MemoryConnections(cloud.world), cloud.watch_absence, Confirming())  # type: ignore[arg-type]
    assert ingest(CAME)
    assert not ingest(CAME)
    assert told == [("dev_001", "a" * 64, {}), ("dev_001", "a" * 64, {"dev_001": CAME})], "repeated until it is done"
    ingest(LEFT)
    assert len(told) == 2
