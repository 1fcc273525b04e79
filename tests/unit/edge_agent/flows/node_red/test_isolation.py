"""Which version takes Node-RED down is found by trying, whoever it is, and nobody else is blamed."""

from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest

from edge_agent.disk.crashes import CrashFile
from edge_agent.flows.node_red.isolation import LONGEST_WATCH_SECONDS, WAITS, WATCH_SECONDS, Isolation, Suspect
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health
from tests.unit.edge_agent.device import NOON, sha256


class Bench:
    """A Node-RED that goes down some seconds after it got one of the tabs that take it down, and is started again."""

    def __init__(self, directory: Path, *tabs: str) -> None:
        self.directory = directory
        self.now = 0.0
        self.held: dict[str, Suspect] = {}
        for tab_id in tabs:
            self.hold(tab_id)
        self.bad: set[str] = set()
        self.goes_down_by_itself = False
        self.after = 2.0
        self.downs = 0
        self.had: list[frozenset[str]] = []
        """What Node-RED had, one after the other."""
        self.restart_agent()

    def hold(self, tab_id: str) -> Suspect:
        """Want a tab; returns it. The later it is wanted first, the newer it is."""
        number = len(self.held) + 1
        made = Suspect(f"flow_{tab_id}", 1, sha256(number), NOON + timedelta(days=number))
        return self.held.setdefault(tab_id, made)

    def restart_agent(self) -> None:
        """Begin with what is on disk alone."""
        crashes = CrashFile(self.directory, lambda: NOON + timedelta(seconds=self.now))
        self.isolation = Isolation(crashes, monotonic=lambda: self.now)

    def deploy(self) -> frozenset[str]:
        """Deploy what may be; returns it."""
        admitted = self.isolation.admitted(self.held)
        self.isolation.deployed(admitted)
        if not self.had or self.had[-1] != admitted:
            self.had.append(admitted)
        return admitted

    def pass_(self, seconds: float) -> None:
        """Let time pass, with a look each second."""
        up_since = self.now
        until = self.now + seconds
        deployed = self.deploy()
        while self.now < until:
            self.now += 1
            if self.now - up_since > self.after and (self.bad & deployed or self.goes_down_by_itself):
                self.downs += 1
                self.isolation.went_down("ended")
                self.now += 5
                self.isolation.admitted(self.held)
            elif not self.isolation.is_well():
                continue
            deployed, up_since = self.deploy(), self.now

    def quarantined(self) -> set[str]:
        """Return the tabs that are quarantined."""
        return {
            tab_id
            for tab_id, each in self.held.items()
            if (apart := self.isolation.apart(tab_id, each)) is not None and apart.reason is Reason.CRASH_LOOP
        }


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Four flows, of which d is the newest."""
    return Bench(tmp_path, "a", "b", "c", "d")


def test_a_node_red_that_goes_down_once_gets_all_flows_again(bench: Bench) -> None:
    bench.deploy()
    assert bench.isolation.went_down("ended") is False
    assert bench.deploy() == {"a", "b", "c", "d"}


def test_the_newest_waits_first_and_is_the_cause_when_it_goes_down_with_it_alone(bench: Bench) -> None:
    bench.bad = {"d"}
    bench.pass_(200)
    assert bench.had == [frozenset("abcd"), frozenset("abc"), frozenset("abcd"), frozenset("abc")]
    assert (bench.quarantined(), bench.downs) == ({"d"}, 3)
    apart = bench.isolation.apart("d", bench.held["d"])
    assert apart is not None
    assert apart.health is Health.UNHEALTHY
    assert "Node-RED goes down again and again with this flow; the last time it ended some" in apart.sentence


@pytest.mark.parametrize("bad", [set(each) for size in (1, 2, 3, 4) for each in combinations("abcd", size)])
@pytest.mark.parametrize("after", [0.0, 25.0, 100.0])
def test_whoever_takes_it_down_is_found_and_nobody_else_is_blamed(bench: Bench, bad: set[str], after: float) -> None:
    bench.bad, bench.after = bad, after
    bench.pass_(6_000)
    assert bench.quarantined() == bad
    assert bench.had[-1] == frozenset("abcd") - bad
    assert bench.downs <= 4 + 4 * len(bad)


def test_a_single_flow_is_blamed_only_when_node_red_runs_without_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "a")
    bench.bad = {"a"}
    bench.pass_(300)
    assert bench.quarantined() == {"a"}
    assert bench.had == [frozenset("a"), frozenset(), frozenset("a"), frozenset()]


@pytest.mark.parametrize("tabs", ["", "a", "abcd"])
def test_nobody_is_blamed_for_what_node_red_does_by_itself_and_all_run_between(
    tmp_path: Path, tabs: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(tmp_path, *tabs)
    bench.goes_down_by_itself = True
    bench.pass_(300)
    assert bench.quarantined() == set()
    assert bench.had[-1] == frozenset(tabs)
    assert "with none of this device's flows, too" in caplog.text


def test_downs_that_are_far_apart_are_no_loop(bench: Bench) -> None:
    bench.bad, bench.after = {"d"}, LONGEST_WATCH_SECONDS + 10
    bench.pass_(5 * LONGEST_WATCH_SECONDS)
    assert bench.downs > 2
    assert bench.had == [frozenset("abcd")]


def test_a_group_is_watched_for_half_a_minute_at_least(bench: Bench) -> None:
    bench.bad = {"d"}
    bench.deploy()
    for _ in range(2):
        bench.isolation.went_down("ended")
        bench.deploy()
    bench.now += WATCH_SECONDS - 1
    assert bench.isolation.is_well() is False
    assert bench.isolation.apart("d", bench.held["d"]) is WAITS
    bench.now += 1
    assert bench.isolation.is_well() is True
    assert bench.deploy() == {"a", "b", "c", "d"}
    assert bench.isolation.apart("d", bench.held["d"]) is None


def test_going_down_before_it_has_what_it_may_have_is_nobodys_doing(bench: Bench) -> None:
    bench.deploy()
    for _ in range(2):
        bench.isolation.went_down("ended")
    assert bench.isolation.admitted(bench.held) == {"a", "b", "c"}
    assert bench.isolation.went_down("ended") is True, "it still had all four"
    assert bench.quarantined() == set()


def test_what_is_quarantined_stays_so_when_the_agent_starts_anew(bench: Bench) -> None:
    bench.bad = {"d"}
    bench.pass_(200)
    bench.restart_agent()
    assert bench.deploy() == {"a", "b", "c"}
    assert bench.quarantined() == {"d"}


def test_who_is_wanted_anew_is_tried_again_and_one_more_time_down_is_enough(bench: Bench) -> None:
    bench.bad = {"d"}
    bench.pass_(LONGEST_WATCH_SECONDS + 100)
    downs = bench.downs
    bench.isolation.ask_for({"d": bench.held["d"]})
    assert bench.deploy() == {"a", "b", "c", "d"}
    bench.pass_(60)
    assert (bench.quarantined(), bench.downs) == ({"d"}, downs + 1)


def test_another_version_is_free(bench: Bench) -> None:
    bench.bad = {"d"}
    bench.pass_(200)
    del bench.held["d"]
    bench.isolation.ask_for({"e": bench.hold("e")})
    bench.pass_(200)
    assert bench.had[-1] == {"a", "b", "c", "e"}
    assert bench.quarantined() == set()


def test_a_version_that_is_wanted_while_the_cause_is_looked_for_runs_at_once_beside_those_that_ran_well(
    bench: Bench,
) -> None:
    bench.deploy()
    for _ in range(3):
        bench.isolation.went_down("ended")
        bench.deploy()
    assert bench.had[-1] == frozenset(), "whether it goes down by itself"
    bench.now += WATCH_SECONDS
    bench.isolation.is_well()
    assert bench.deploy() == {"a", "b"}
    bench.isolation.ask_for({"e": bench.hold("e")})
    assert bench.deploy() == {"e"}
    bench.isolation.ask_for({"d": bench.held["d"]})
    assert bench.deploy() == {"d"}
    bench.bad = {"d"}
    bench.pass_(400)
    assert bench.quarantined() == {"d"}
    assert bench.had[-1] == {"a", "b", "c", "e"}


def test_what_goes_on_from_before_a_change_is_blamed_on_nobody(bench: Bench) -> None:
    bench.deploy()
    for _ in range(2):
        bench.isolation.went_down("ended")
    bench.isolation.deployed(bench.isolation.admitted(bench.held), among_others=True)
    assert bench.isolation.went_down("ended") is False, "it was d, which had begun"
    assert bench.deploy() == {"a", "b", "c"}
    bench.now += WATCH_SECONDS
    assert bench.isolation.is_well() is True
    bench.isolation.deployed(bench.isolation.admitted(bench.held), among_others=True)
    bench.isolation.went_down("ended")
    assert bench.quarantined() == {"d"}, "nothing was taken away before"
