"""The strategies, and how each splits its targets into waves."""

from enum import StrEnum
from typing import Final, assert_never

from edgeflow.domain.rules import RolloutRules, canary_size

MAX_WAVES: Final = 600
"""A wave that times out costs some 35 of the 25,000 history events that one Step Functions execution may have."""


class Strategy(StrEnum):
    """How a deployment proceeds; each has one state machine of the same name."""

    ALL_AT_ONCE = "all_at_once"
    ROLLING = "rolling"
    CANARY = "canary"

    @property
    def machine(self) -> str:
        """The state machine's name after the stack's prefix."""
        return self.value.replace("_", "-")


def wave_of(position: int, total: int, strategy: Strategy, rules: RolloutRules) -> int:
    """Return the wave, counted from 1, of the target at this position, counted from 0, of ``total``.

    Targets keep the order in which they were asked for; so the canaries are the first ones named.
    """
    match strategy:
        case Strategy.ALL_AT_ONCE:
            return 1
        case Strategy.ROLLING:
            return position // rules.batch_size + 1
        case Strategy.CANARY:
            return 1 if position < canary_size(total, rules.canary_percentage) else 2
        case _:
            assert_never(strategy)


def wave_count(total: int, strategy: Strategy, rules: RolloutRules) -> int:
    """Return how many waves ``total`` targets make; none makes none."""
    return wave_of(total - 1, total, strategy, rules) if total else 0


def too_many_waves(total: int, strategy: Strategy, rules: RolloutRules) -> str | None:
    """Say in a sentence that so many targets make more waves than are possible; None when they do not."""
    waves = wave_count(total, strategy, rules)
    if waves <= MAX_WAVES:
        return None
    least = -(-total // MAX_WAVES)
    return (
        f"{total} targets in batches of {rules.batch_size} make {waves} waves; at most {MAX_WAVES} are possible:"
        f" use a batch_size of at least {least}"
    )
