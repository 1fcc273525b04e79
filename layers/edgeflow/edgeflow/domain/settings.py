"""Between the settings of a deployment, as requests and answers have them, and the numbers that a rollout goes by."""

from datetime import timedelta
from typing import Any, assert_never

from edgeflow.contract.rest.settings import (
    AllAtOnceSettings,
    BlueGreenSettings,
    CanarySettings,
    RollingSettings,
    Settings,
)
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy


def rules_of(settings: Settings, *, default_window: timedelta) -> RolloutRules:
    """Return the numbers that these settings stand for; those without a health window get the default."""
    window = settings.health_window or default_window
    shared: dict[str, Any] = {
        "timeout_seconds": _seconds(settings.timeout),
        "auto_rollback": settings.auto_rollback,
        "health_check": settings.health_check,
        "health_window_seconds": _seconds(window) if settings.health_check else None,
        "skip_offline": settings.offline == "skip",
    }
    match settings:
        case AllAtOnceSettings():
            return RolloutRules(**shared)
        case RollingSettings():
            return RolloutRules(
                batch_size=settings.batch_size,
                batch_delay_seconds=_seconds(settings.batch_delay),
                failure_threshold=settings.failure_threshold,
                **shared,
            )
        case CanarySettings():
            return RolloutRules(
                canary_percentage=settings.canary_percentage,
                canary_delay_seconds=_seconds(settings.canary_delay),
                **shared,
            )
        case BlueGreenSettings():
            return RolloutRules(switch_delay_seconds=_seconds(settings.switch_delay), **shared)
        case _:
            assert_never(settings)


def settings_of(strategy: Strategy, rules: RolloutRules) -> Settings:
    """Return the settings that a strategy shows for these numbers, every default filled in.

    Nothing is validated: the rules are those of a deployment at rest, whatever bounds requests have by now.
    """
    window = rules.health_window_seconds
    shared: dict[str, Any] = {
        "timeout": timedelta(seconds=rules.timeout_seconds),
        "auto_rollback": rules.auto_rollback,
        "health_check": rules.health_check,
        "health_window": None if window is None else timedelta(seconds=window),
        "offline": "skip" if rules.skip_offline else "wait",
    }
    match strategy:
        case Strategy.ALL_AT_ONCE:
            return AllAtOnceSettings.model_construct(**shared)
        case Strategy.ROLLING:
            return RollingSettings.model_construct(
                batch_size=rules.batch_size,
                batch_delay=timedelta(seconds=rules.batch_delay_seconds),
                failure_threshold=rules.failure_threshold,
                **shared,
            )
        case Strategy.CANARY:
            return CanarySettings.model_construct(
                canary_percentage=rules.canary_percentage,
                canary_delay=timedelta(seconds=rules.canary_delay_seconds),
                **shared,
            )
        case Strategy.BLUE_GREEN:
            return BlueGreenSettings.model_construct(
                switch_delay=timedelta(seconds=rules.switch_delay_seconds), **shared
            )
        case _:
            assert_never(strategy)


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
