"""Lets MiniStack honour ``TimeoutSecondsPath``, which it ignores: a wave's timeout would never come.

AWS Step Functions reads the timeout of a task from its input. MiniStack 1.5.33 looks at the literal ``TimeoutSeconds``
alone. So, before a task runs, the literal is put in from the path. tests/integration/test_callback_timeouts.py runs the
emulator without this and fails as soon as it can do it by itself: this module and its call in launcher.py go then.
"""

from typing import Any

from ministack.services import stepfunctions


def install() -> None:
    """Wrap the emulator's way of running a task. Call it once, before the emulator starts."""
    execute_task = stepfunctions._execute_task  # noqa: SLF001  the emulator has no hook for this

    def with_timeout(state: dict[str, Any], raw_input: Any, execution: Any, context: Any) -> Any:  # noqa: ANN401
        path = state.get("TimeoutSecondsPath")
        if path is not None:
            seen = stepfunctions._apply_input_path(state, raw_input, context)  # noqa: SLF001
            state = state | {"TimeoutSeconds": stepfunctions._resolve_path(path, seen)}  # noqa: SLF001
        return execute_task(state, raw_input, execution, context)

    stepfunctions._execute_task = with_timeout  # noqa: SLF001
