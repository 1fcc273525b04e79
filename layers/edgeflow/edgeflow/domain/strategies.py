"""The strategies, and how each splits its targets into waves."""

from enum import StrEnum
from typing import Final, assert_never

from edgeflow.contract.wording import counted
from edgeflow.domain.rules import RolloutRules, canary_size

MAX_WAVES: Final = 1_000
"""A wave with a wait costs 22 of the 25,000 history events that one Step Functions execution may have."""


STAGING_WAVE: Final = 1
SWITCHING_WAVE: Final = 2
"""Blue-green deploys to every target twice: into the idle slot, then, where it is well, by switching to that slot."""

CANARY_WAVE: Final = 1


class Strategy(StrEnum):
    """How a deployment proceeds; each has one state machine of the same name."""

    ALL_AT_ONCE = "all_at_once"
    ROLLING = "rolling"
    CANARY = "canary"
    BLUE_GREEN = "blue_green"

    @property
    def machine(self) -> str:
        """The state machine's name after the stack's prefix."""
        return self.value.replace("_", "-")

    def stages(self, wave: int) -> bool:
        """Tell whether this wave fills idle slots, which leaves its targets ``staged`` until the switch."""
        return self is Strategy.BLUE_GREEN and wave == STAGING_WAVE

    def switches(self, wave: int) -> bool:
        """Tell whether this wave switches traffic to slots that were filled before."""
        return self is Strategy.BLUE_GREEN and wave == SWITCHING_WAVE

    def proves(self, wave: int) -> bool:
        """Tell whether this wave is there to show that the waves after it can have the version."""
        return self is Strategy.CANARY and wave == CANARY_WAVE


def wave_of(position: int, total: int, strategy: Strategy, rules: RolloutRules) -> int:
    """Return the wave, counted from 1, of the target at this position, counted from 0, of ``total``.

    Targets keep the order in which they were asked for; so the canaries are the first ones named. Blue-green plans
    every target for the staging wave; those that get through it are moved to the switching wave.
    """
    match strategy:
        case Strategy.ALL_AT_ONCE:
            return 1
        case Strategy.ROLLING:
            return position // rules.batch_size + 1
        case Strategy.CANARY:
            return CANARY_WAVE if position < canary_size(total, rules.canary_percentage) else CANARY_WAVE + 1
        case Strategy.BLUE_GREEN:
            return STAGING_WAVE
        case _:
            assert_never(strategy)


def wave_count(total: int, strategy: Strategy, rules: RolloutRules) -> int:
    """Return how many waves ``total`` targets make; none makes none."""
    if not total:
        return 0
    return SWITCHING_WAVE if strategy is Strategy.BLUE_GREEN else wave_of(total - 1, total, strategy, rules)


def too_many_waves(total: int, strategy: Strategy, rules: RolloutRules) -> str | None:
    """Say in a sentence that so many targets make more waves than are possible; None when they do not."""
    waves = wave_count(total, strategy, rules)
    if waves <= MAX_WAVES:
        return None
    least = -(-total // MAX_WAVES)
    targets = counted(total, "target")  # more than MAX_WAVES of them
    return (
        f"{targets} in batches of {rules.batch_size} make {counted(waves, 'wave')}; at most {MAX_WAVES} are possible:"
        f" use a batch_size of at least {least}"
    )
