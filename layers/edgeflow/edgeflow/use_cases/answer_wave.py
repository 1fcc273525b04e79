"""Waking the state machine that waits for a wave."""

from edgeflow.domain.waves import Wave
from edgeflow.use_cases.ports import Workflows


def answer_if_decided(wave: Wave, workflows: Workflows) -> bool:
    """Send the wave's result to the execution that waits for it, if there is one yet.

    Whoever changes a wave calls this, so that no order of events leaves an execution unanswered.
    Sending twice is harmless: the token is spent after the first time.
    """
    result = wave.result()
    if result is None or wave.task_token is None:
        return False
    return workflows.answer(wave.task_token, result.to_output())
