"""Lets MiniStack's Parallel end its branches as soon as one fails, and tell what they do, as AWS does.

MiniStack 1.5.33 waits for all branches, also when one has failed: a delay would never end before its watch does. And no
event tells of a branch's states. So branches are run here: the first that fails ends the others, whose waits are cut
short and whose task tokens nobody answers any more. tests/integration/test_parallel_branches.py runs the emulator
without this and fails as soon as it can do it by itself: this module and its call in launcher.py go then.
"""

import contextvars
import json
import threading
import time
from queue import SimpleQueue
from typing import Any, Final

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

_State = dict[str, Any]

_ended: Final[contextvars.ContextVar[threading.Event | None]] = contextvars.ContextVar("ended", default=None)
"""Set as soon as the branch that runs in this context is to end."""
_waiting: Final[dict[threading.Event, set[str]]] = {}
"""The task tokens that each Parallel's branches wait for."""


class _BranchEnded(Exception):
    """Another branch has failed. No state catches this, nor tries again."""


def install() -> None:
    """Wrap the emulator's ways to run branches, to sleep, and to wait for an answer. Call it once, before it starts."""
    call_back = stepfunctions._invoke_with_callback  # noqa: SLF001  the emulator has no hook for this

    def until_ended(resource: str, given: Any, token: str, state: _State) -> Any:  # noqa: ANN401
        ended = _ended.get()
        if ended is None:
            return call_back(resource, given, token, state)
        _waiting.get(ended, set()).add(token)
        answer = call_back(resource, given, token, state)
        if ended.is_set():
            raise _BranchEnded
        return answer

    stepfunctions._invoke_with_callback = until_ended  # noqa: SLF001
    stepfunctions._scaled_sleep = _sleep  # noqa: SLF001
    stepfunctions._run_parallel_branches = _run_branches  # noqa: SLF001


def _sleep(seconds: float) -> None:
    scaled = max(seconds * stepfunctions._SFN_WAIT_SCALE, 0)  # noqa: SLF001
    ended = _ended.get()
    if ended is None:
        time.sleep(scaled)
    elif ended.wait(scaled):
        raise _BranchEnded


def _run_branches(state: _State, raw_input: Any, execution: Any, context: Any) -> tuple[Any, str | None]:  # noqa: ANN401
    given = stepfunctions._apply_input_path(state, raw_input, context)  # noqa: SLF001
    given = stepfunctions._apply_parameters(state, given, context)  # noqa: SLF001
    ended = threading.Event()
    _waiting[ended] = set()
    outcomes: SimpleQueue[tuple[int, Any, Exception | None]] = SimpleQueue()

    def run(place: int, branch: _State) -> None:
        _ended.set(ended)
        try:
            outcomes.put((place, _run(branch, given, execution, {**context}), None))
        except Exception as error:  # noqa: BLE001  the Parallel's thread raises it
            outcomes.put((place, None, error))

    for place, branch in enumerate(state["Branches"]):
        inside = contextvars.copy_context()
        threading.Thread(target=inside.run, args=(run, place, branch), daemon=True).start()
    results: list[Any] = [None] * len(state["Branches"])
    try:
        for _ in state["Branches"]:
            place, results[place], error = outcomes.get()
            if error is not None:
                raise error
    finally:
        _end(ended)
    result = stepfunctions._apply_result_selector(state, results)  # noqa: SLF001
    output = stepfunctions._apply_result_path(state, raw_input, result)  # noqa: SLF001
    return stepfunctions._apply_output_path(state, output, context), stepfunctions._next_or_end(state)  # noqa: SLF001


def _end(ended: threading.Event) -> None:
    """End what still waits in these branches; whoever answers it hears that nobody waits."""
    ended.set()
    for token in _waiting.pop(ended, set()):
        waited = stepfunctions._task_tokens.pop(token, None)  # noqa: SLF001
        if waited is not None:
            waited["event"].set()


def _run(branch: _State, given: Any, execution: Any, context: Any) -> Any:  # noqa: ANN401
    """Run a branch to its end; returns its output. Its events are those of a machine's other states."""
    output, name = json.loads(json.dumps(given)), branch["StartAt"]
    while name is not None:
        state = branch["States"][name]
        kind = state["Type"]
        context["State"] = {"Name": name, "EnteredTime": now_iso(), "RetryCount": 0}
        _tell(execution, f"{kind}StateEntered", "stateEnteredEventDetails", name, input=output)
        if kind == "Fail":
            raise stepfunctions._ExecutionError(*stepfunctions._fail_state_error(state, output, context))  # noqa: SLF001
        entered = name
        output, name = _step(state, output, execution, context)
        _tell(execution, f"{kind}StateExited", "stateExitedEventDetails", entered, output=output)
    return output


def _step(state: _State, given: Any, execution: Any, context: Any) -> tuple[Any, str | None]:  # noqa: ANN401
    match state["Type"]:
        case "Succeed":
            seen = stepfunctions._apply_input_path(state, given, context)  # noqa: SLF001
            return stepfunctions._apply_output_path(state, seen, context), None  # noqa: SLF001
        case "Task" | "Parallel" | "Map" as kind:
            run = getattr(stepfunctions, f"_execute_{kind.lower()}")
            return run(state, given, execution, context)  # type: ignore[no-any-return]
        case kind:
            run = getattr(stepfunctions, f"_execute_{kind.lower()}")
            return run(state, given, context)  # type: ignore[no-any-return]


def _tell(execution: Any, kind: str, details: str, name: str, **told: object) -> None:  # noqa: ANN401
    part = {key: json.dumps(value) for key, value in told.items()}
    stepfunctions._add_event(execution, kind, {details: {"name": name, **part}})  # noqa: SLF001
