"""Rules that each graph keeps, read off the files themselves: nothing here runs a machine."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from dispatch_wave.commands import COMMAND, GiveUp, StateCommand, WindDown
from edgeflow.contract.ids import DEPLOYMENT_ID_PATTERN
from edgeflow.contract.rest.settings import MAX_DURATION
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollout import PlanOutcome
from statemachines.files import contents

STRATEGIES: Final = ("all_at_once", "rolling", "canary", "blue_green")
SHARED: Final = ("deploy_wave", "handle_breach")
MACHINES: Final = (*STRATEGIES, *SHARED, "rollback")
GIVEN: Final = {
    "all_at_once": {"deployment_id"},
    "rolling": {"deployment_id"},
    "canary": {"deployment_id"},
    "blue_green": {"deployment_id"},
    "deploy_wave": {"deployment_id", "wave", "timeout_seconds"},
    "handle_breach": {"deployment_id", "wave", "waves", "auto_rollback", "result"},
    "rollback": {"deployment_id", "attempt", "origin", "reason"},
}
"""What each machine is started with."""
ANSWERED: Final = {"deploy_wave": {"went", "result"}, "handle_breach": {"went"}}
"""What strategies read of it. They may run for weeks, and start shared machines of a later or an earlier release."""

STARTED: Final = {
    "${DeployWaveStateMachineArn}": "deploy_wave",
    "${HandleBreachStateMachineArn}": "handle_breach",
}
CALLBACK: Final = ".waitForTaskToken"
LAMBDA: Final = "arn:aws:states:::lambda:invoke"
RESOURCES: Final = {
    LAMBDA,
    f"arn:aws:states:::sqs:sendMessage{CALLBACK}",
    "arn:aws:states:::dynamodb:getItem",
    "arn:aws:states:::states:startExecution",
    "arn:aws:states:::states:startExecution.sync:2",
}
PATH: Final = re.compile(r"(?<![$\w])\$\.\w+")
"""A member of the state's input, by itself or inside a call such as ``States.Format``."""
MOST_TRIES: Final = 10
EXAMPLES: Final = {
    "$.deployment_id": "dep_01KT",
    "$.wave": 1,
    "$.wave.number": 1,
    "$.attempt": 1,
    "$$.Task.Token": "token",
}

State = dict[str, Any]


class Graph:
    """One machine's definition."""

    def __init__(self, name: str, definition: dict[str, Any]) -> None:
        """Take a file's content."""
        self.name = name
        self.definition = definition
        self.outer: dict[str, State] = definition["States"]
        self.inner: dict[str, State] = {
            name: state for branch in branches(self.outer.values()) for name, state in branch["States"].items()
        }
        self.states = self.outer | self.inner

    def tasks(self) -> dict[str, State]:
        return {name: state for name, state in self.states.items() if state["Type"] == "Task"}

    def reached_from(self, start: str) -> set[str]:
        """Return a state and all that can follow it."""
        reached: set[str] = set()
        ahead = [start]
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead.extend(follows(self.states[name]))
        return reached


def follows(state: State) -> list[str]:
    """Return the names of the states that can come right after one."""
    ways = [*state.get("Choices", []), *state.get("Catch", [])]
    begun = [branch["StartAt"] for branch in state.get("Branches", [])]
    return begun + [way["Next"] for way in ways] + [state[key] for key in ("Next", "Default") if key in state]


def branches(states: Iterable[State]) -> list[dict[str, Any]]:
    """Return what states do side by side."""
    return [branch for state in states for branch in state.get("Branches", [])]


def keys(part: object) -> Iterator[str]:
    """Yield every key, however deep."""
    if isinstance(part, dict):
        yield from part
    for inner in inside(part):
        yield from keys(inner)


def strings(part: object) -> Iterator[str]:
    """Yield every string, however deep."""
    if isinstance(part, str):
        yield part
    for inner in inside(part):
        yield from strings(inner)


def inside(part: object) -> list[object]:
    """Return what an object or a list is made of; nothing is inside anything else."""
    if isinstance(part, dict):
        return list(part.values())
    return part if isinstance(part, list) else []


def body(template: Mapping[str, Any]) -> dict[str, Any]:
    """Fill a message's template with examples."""
    return {key.removesuffix(".$"): EXAMPLES[value] if key.endswith(".$") else value for key, value in template.items()}


def errors_tried_again(state: State) -> set[str]:
    return {error for retrier in state["Retry"] if retrier.get("MaxAttempts") != 0 for error in retrier["ErrorEquals"]}


@pytest.fixture
def graphs(root: Path) -> dict[str, Graph]:
    """Every machine."""
    return {
        name: Graph(name, json.loads((root / "statemachines" / f"{name}.asl.json").read_text(encoding="utf-8")))
        for name in MACHINES
    }


@pytest.fixture(params=MACHINES)
def graph(request: pytest.FixtureRequest, graphs: dict[str, Graph]) -> Graph:
    """Each machine in turn."""
    return graphs[request.param]


def test_every_machine_is_looked_at(root: Path) -> None:
    files = {path.name.removesuffix(".asl.json") for path in (root / "statemachines").glob("*.json")}
    assert files == set(MACHINES)


def test_the_files_are_what_the_source_makes(root: Path) -> None:
    for path, content in contents().items():
        found = (root / path).read_text(encoding="utf-8")
        assert found == content, f"{path}: change statemachines/*.py, then run `make machines`"


def test_no_state_dangles_or_is_never_reached(graph: Graph) -> None:
    for name, state in graph.states.items():
        assert set(follows(state)) <= set(graph.states), name
    assert graph.reached_from(graph.definition["StartAt"]) == set(graph.states)


def test_what_is_tried_again_is_said_in_one_place(root: Path) -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in (root / "statemachines").glob("*.py")}
    assert [name for name, text in sources.items() if "MaxAttempts" in text] == ["retries.py"]


def test_no_two_states_of_a_machine_have_one_name(graph: Graph) -> None:
    inner = [name for branch in branches(graph.outer.values()) for name in branch["States"]]
    assert len({*graph.outer, *inner}) == len(graph.outer) + len(inner)


@pytest.mark.parametrize(
    ("strategy", "setting"), [("rolling", "batch"), ("canary", "canary"), ("blue_green", "switch")]
)
def test_a_delay_is_a_wait_beside_a_watch_and_whichever_ends_first_decides(
    graphs: dict[str, Graph], strategy: str, setting: str
) -> None:
    (delay,) = [state for state in graphs[strategy].outer.values() if state["Type"] == "Parallel"]
    waits, watches = delay["Branches"]
    wait = waits["States"][waits["StartAt"]]
    assert (wait["Type"], wait["SecondsPath"]) == ("Wait", f"$.plan.{setting}_delay_seconds")
    watch = watches["States"][watches["StartAt"]]
    assert watch["Parameters"]["MessageBody"]["command"] == "watch_waves"
    assert watch["TimeoutSeconds"] > MAX_DURATION.total_seconds(), "the delay ends the watch, not its own deadline"
    ends = [state for branch in (waits, watches) for state in branch["States"].values() if not follows(state)]
    assert {end["Type"] for end in ends} == {"Fail"}, "a branch that ended well would wait for the other one"
    caught = [error for catcher in delay["Catch"][:-1] for error in catcher["ErrorEquals"]]
    assert sorted(caught) == sorted(end["Error"] for end in ends)


def test_no_deployments_id_confuses_the_number_that_is_read_off_a_waves_name() -> None:
    assert re.fullmatch(DEPLOYMENT_ID_PATTERN, "dep_01KT")
    assert re.fullmatch(DEPLOYMENT_ID_PATTERN, "dep_01-KT") is None


def test_only_batches_come_again(graphs: dict[str, Graph]) -> None:
    for strategy in STRATEGIES:
        graph = graphs[strategy]
        again = {name for name in graph.states if name in reached_after(graph, name)}
        assert ("DeployBatch" in again) == (strategy == "rolling"), strategy
        assert bool(again) == (strategy == "rolling"), strategy


def reached_after(graph: Graph, name: str) -> set[str]:
    return {later for following in follows(graph.states[name]) for later in graph.reached_from(following)}


def test_every_state_leads_to_an_end_that_says_how_it_ended(graph: Graph) -> None:
    ends = {name for name, state in graph.states.items() if state["Type"] in {"Succeed", "Fail"}}
    for name, state in graph.states.items():
        assert "End" not in state, f"{name}: an end has a state of its own"
        assert graph.reached_from(name) & ends, name


def test_every_state_tells_its_part_of_the_story(graph: Graph) -> None:
    assert graph.definition["Comment"]
    for name, state in graph.states.items():
        assert state.get("Comment"), name


def test_every_choice_has_a_default(graph: Graph) -> None:
    for name, state in graph.states.items():
        assert state["Type"] != "Choice" or "Default" in state, name


def test_both_interpreters_know_what_is_used(graph: Graph) -> None:
    assert not {"QueryLanguage", "Assign", "Output", "Arguments"} & set(keys(graph.definition))
    assert {task["Resource"] for task in graph.tasks().values()} <= RESOURCES


def test_every_task_has_a_timeout(graph: Graph) -> None:
    for name, task in graph.tasks().items():
        assert len({"TimeoutSeconds", "TimeoutSecondsPath"} & set(task)) == 1, name


def test_every_task_is_tried_again_with_jitter_and_not_for_ever(graph: Graph) -> None:
    for name, task in graph.tasks().items():
        assert errors_tried_again(task), name
        for retrier in task["Retry"]:
            assert 0 <= retrier["MaxAttempts"] <= MOST_TRIES, name
            assert retrier["MaxAttempts"] == 0 or retrier.get("JitterStrategy") == "FULL", name


def test_a_wait_for_an_answer_is_never_begun_again(graph: Graph) -> None:
    for name, task in graph.tasks().items():
        if task["Resource"].endswith(CALLBACK):
            assert all(error.startswith("SQS.") for error in errors_tried_again(task)), name


def test_whatever_breaks_in_a_shared_machine_fails_it_and_is_left_to_the_strategys(graphs: dict[str, Graph]) -> None:
    for machine in SHARED:
        for name, task in graphs[machine].tasks().items():
            caught = {error for catcher in task.get("Catch", []) for error in catcher["ErrorEquals"]}
            assert "States.ALL" not in caught, f"{machine}: {name}"


def test_what_a_shared_machine_is_started_with_is_what_it_reads(graphs: dict[str, Graph]) -> None:
    for strategy in STRATEGIES:
        for state, task in graphs[strategy].tasks().items():
            machine = STARTED.get(task["Parameters"].get("StateMachineArn"))
            if machine is None:
                continue
            given = task["Parameters"]["Input"]
            read = {text.split(".")[1] for text in strings(graphs[machine].states) if text.startswith("$.")}
            sent = {key.removesuffix(".$") for key in given} - {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"}
            assert sent == GIVEN[machine], f"{strategy}: {state}"
            assert sent <= read, f"{strategy}: {state}"


def test_what_a_shared_machine_answers_is_what_executions_of_any_release_read(graphs: dict[str, Graph]) -> None:
    for machine, answered in ANSWERED.items():
        graph = graphs[machine]
        for name, state in graph.states.items():
            if state["Type"] == "Pass":
                assert {key.removesuffix(".$") for key in state["Parameters"]} == answered, f"{machine}: {name}"
        for strategy in STRATEGIES:
            for name, task in graphs[strategy].tasks().items():
                if STARTED.get(task["Parameters"].get("StateMachineArn")) == machine:
                    read = {
                        text.split(".")[2] for text in strings(task["ResultSelector"]) if text.startswith("$.Output")
                    }
                    assert read == answered, f"{strategy}: {name}"


def test_whatever_breaks_is_concluded_and_raises_the_alarm(graphs: dict[str, Graph]) -> None:
    for machine in (*STRATEGIES, "rollback"):
        breaks_are_concluded(graphs[machine])


def breaks_are_concluded(graph: Graph) -> None:
    assert not [name for name, state in graph.inner.items() if "Catch" in state], "that would take the other's errors"
    for name, task in graph.outer.items():
        if task["Type"] not in {"Task", "Parallel"}:
            continue
        last = task["Catch"][-1]
        assert last["ErrorEquals"] == ["States.ALL"], name
        assert last["ResultPath"] == "$.error", f"{name}: the input goes on beside the error"
        if name == "ConcludeBroken":
            assert graph.states[last["Next"]]["Type"] == "Fail"
            assert graph.states[task["Next"]]["Type"] == "Fail"
        else:
            assert last["Next"] == "ConcludeBroken", name


def test_nothing_is_read_that_nothing_has_written(graph: Graph) -> None:
    written = {f"$.{name}" for name in GIVEN[graph.name]}
    written |= {part["ResultPath"] for part in states_and_catches(graph) if part.get("ResultPath")}
    for name, state in graph.states.items():
        paths = {key: part for key, part in state.items() if key not in {"ResultSelector", "Branches", "Comment"}}
        read = {found for text in strings(paths) for found in PATH.findall(text)}
        assert read <= written, name


def states_and_catches(graph: Graph) -> Iterator[State]:
    for state in graph.states.values():
        yield state
        yield from state.get("Catch", [])


def test_no_list_of_devices_is_carried_only_what_is_selected(graph: Graph) -> None:
    for name, task in graph.tasks().items():
        if task["Resource"] == LAMBDA:
            assert all(text.startswith("$.Payload.") for text in strings(task["ResultSelector"])), name


def test_every_message_is_one_that_the_dispatch_function_knows(graphs: dict[str, Graph]) -> None:
    sent = set()
    for graph in graphs.values():
        for name, task in graph.tasks().items():
            if task["Resource"].endswith(CALLBACK):
                message = COMMAND.validate_python(body(task["Parameters"]["MessageBody"]))
                assert not isinstance(message, WindDown | GiveUp), "the API gives that order"
                assert message.task_token == EXAMPLES["$$.Task.Token"], name
                sent.add(type(message))
    assert sent == set(get_args(StateCommand)), "each command is sent by some machine"


def test_every_way_to_end_is_one_that_concluding_knows(graphs: dict[str, Graph]) -> None:
    rollout, rollback = ("${ConcludeRolloutFunctionArn}", RolloutEnd), ("${ConcludeRollbackFunctionArn}", RollbackEnd)
    for name, (function, ends) in {**dict.fromkeys(STRATEGIES, rollout), "rollback": rollback}.items():
        payloads = [
            task["Parameters"]["Payload"]
            for task in graphs[name].tasks().values()
            if task["Parameters"].get("FunctionName") == function
        ]
        assert {payload["outcome"] for payload in payloads} == {end.value for end in ends}, name
        for payload in payloads:
            assert ("attempt.$" in payload) == (name == "rollback"), name
            assert ("cause.$" in payload) == (payload["outcome"] == "broken"), name


def test_every_outcome_of_planning_has_its_way(graphs: dict[str, Graph]) -> None:
    for name in STRATEGIES:
        told_apart = {choice["StringEquals"] for choice in graphs[name].states["WasPlanned"]["Choices"]}
        assert told_apart | {PlanOutcome.STOPPED} == set(PlanOutcome), f"{name}: stopped goes the default way"


def test_a_state_of_one_name_does_the_same_under_every_strategy(graphs: dict[str, Graph]) -> None:
    ways = {"Next", "Default", "Choices"}
    for first, second in combinations((graphs[name].states for name in STRATEGIES), 2):
        for name in set(first) & set(second):
            one, other = (
                {key: value for key, value in states[name].items() if key not in ways} for states in (first, second)
            )
            assert one == other, name


def test_no_state_takes_a_cause_for_granted(graph: Graph) -> None:
    """AWS may leave it out, and a path to what is not there fails the execution with nobody to conclude it."""
    for name, state in graph.states.items():
        for path in (text for text in strings(state.get("Parameters", {})) if ".Cause" in text):
            asked = [each for each in graph.states.values() if name in follows(each)]
            assert asked, name
            for choice in asked:
                absent, told = choice["Choices"]
                assert told["Next"] == name
                assert absent["Not"] == {"Variable": told["Variable"], "IsPresent": True}
                assert told["Variable"] in path
