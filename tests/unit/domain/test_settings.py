"""What a deployment goes by says what was asked for, and back."""

from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.rest.settings import AllAtOnceSettings, BlueGreenSettings, CanarySettings, RollingSettings
from edgeflow.domain.settings import rules_of, settings_of
from edgeflow.domain.strategies import Strategy

DEFAULT_WINDOW: Final = timedelta(seconds=30)
SETTINGS: Final[dict[Strategy, type[Any]]] = {
    Strategy.ALL_AT_ONCE: AllAtOnceSettings,
    Strategy.ROLLING: RollingSettings,
    Strategy.CANARY: CanarySettings,
    Strategy.BLUE_GREEN: BlueGreenSettings,
}
SECONDS: Final = st.integers(60, 3_600).map(lambda seconds: f"{seconds}s")
OF_ALL: Final = {
    "timeout": SECONDS,
    "auto_rollback": st.booleans(),
    "health_window": st.one_of(st.none(), st.integers(1, 50).map(lambda seconds: f"{seconds}s")),
    "offline": st.sampled_from(["wait", "skip"]),
}
OF_ONE: Final[dict[Strategy, dict[str, st.SearchStrategy[Any]]]] = {
    Strategy.ALL_AT_ONCE: {},
    Strategy.ROLLING: {
        "batch_size": st.integers(1, 100),
        "batch_delay": SECONDS,
        "failure_threshold": st.integers(0, 100),
    },
    Strategy.CANARY: {"canary_percentage": st.integers(1, 99), "canary_delay": SECONDS},
    Strategy.BLUE_GREEN: {"switch_delay": SECONDS},
}


@pytest.mark.parametrize("strategy", Strategy)
@given(data=st.data())
def test_settings_are_read_back_as_they_were_asked_for(strategy: Strategy, data: st.DataObject) -> None:
    wanted = data.draw(st.fixed_dictionaries({}, optional=OF_ALL | OF_ONE[strategy]))
    asked = SETTINGS[strategy].model_validate(wanted)
    shown = settings_of(strategy, rules_of(asked, default_window=DEFAULT_WINDOW))
    assert shown == asked.model_copy(update={"health_window": asked.health_window or DEFAULT_WINDOW})
    assert type(shown) is type(asked)


@pytest.mark.parametrize("strategy", Strategy)
def test_where_health_is_not_checked_there_is_no_window(strategy: Strategy) -> None:
    asked = SETTINGS[strategy].model_validate({"health_check": False})
    rules = rules_of(asked, default_window=DEFAULT_WINDOW)
    assert rules.health_window_seconds is None
    assert settings_of(strategy, rules).health_window is None


def test_numbers_that_a_strategy_does_not_have_are_those_that_change_nothing() -> None:
    rules = rules_of(AllAtOnceSettings(), default_window=DEFAULT_WINDOW)
    assert (rules.batch_size, rules.failure_threshold, rules.canary_percentage, rules.watched_wait_seconds) == (0,) * 4
