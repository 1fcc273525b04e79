"""template.yaml lets through the routes that functions/api answers, each for the scope that its operation declares."""

import re
from pathlib import Path

from api.operations.operation import Scope
from api.paths import ROUTES
from api.rights import RIGHTS, Group
from openapi.document import SCOPES
from tests.support.openapi import DOCUMENT
from tests.support.rest import HANDLERS, app_for

TEMPLATE = (Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8")
EVENT = re.compile(
    r"(\w+):\s+Type: Api\s+Properties:\s+RestApiId: !Ref Api\s+Method: (\w+)\s+Path: (\S+)\s+"
    r"Auth:\s+Authorizer: (?:NONE|Operators\s+AuthorizationScopes: \[(\S+)\])"
)
GROUP = re.compile(r"Type: AWS::Cognito::UserPoolGroup\s+Properties:\s+GroupName: (\w+)")
GROUP_ROW = re.compile(r"^\| `(\w+)` \| ((?:`edgeflow/\w+`(?:, )?)+) \|$", re.MULTILINE)
SCOPE = re.compile(r"- ScopeName: (\w+)\s+ScopeDescription: (.+)")
ANYTHING_ELSE = "/v1/{proxy+}"
"""The path of what no other route takes."""


def test_each_route_is_let_through_for_its_scope_and_has_one_name() -> None:
    told = {
        ("GET" if method == "any" else method.upper(), path): (name[0].lower() + name[1:], scope or None)
        for name, method, path, scope in EVENT.findall(TEMPLATE)
        if method != "head" and path != ANYTHING_ELSE
    }
    assert told == {
        (method, path.replace("<", "{").replace(">", "}")): (operation.id, operation.scope)
        for path, methods in ROUTES.items()
        for method, operation in methods.items()
    }


def test_what_can_be_read_can_be_asked_for_its_headers_alone() -> None:
    routes = [(method, path, scope) for _, method, path, scope in EVENT.findall(TEMPLATE)]
    reads = {path.replace("<", "{").replace(">", "}") for path, methods in ROUTES.items() if "GET" in methods}
    assert {path for method, path, _ in routes if method in {"any", "head"}} == {*reads, ANYTHING_ELSE}
    # Whoever has no token reaches what is public by what it is for, and by nothing else.
    public = {(method, path) for method, path, scope in routes if not scope}
    assert public == {(method, path) for method in ("get", "head") for path in ("/v1/docs", "/v1/openapi.json")}


def test_what_no_route_takes_is_told_so_by_a_function_to_whoever_may_read() -> None:
    taken = [(method, scope) for _, method, path, scope in EVENT.findall(TEMPLATE) if path == ANYTHING_ELSE]
    assert taken == [("any", Scope.READ)]


def test_each_route_goes_to_the_function_that_may_do_its_work() -> None:
    functions = re.split(r"(?m)^  (?=Api\w+Function:\n)", TEMPLATE)[1:]
    assert len(functions) == len(HANDLERS)
    for function in functions:
        (name,) = re.findall(r"Handler: api\.apps\.(\w+)\.handler", function)
        routes = EVENT.findall(function)
        assert routes
        for _, method, path, _ in routes:
            assert app_for("GET" if method == "any" else method.upper(), path) == name, (method, path)


def test_who_reads_needs_no_more_than_that_and_only_what_tells_of_the_api_is_public() -> None:
    for path, methods in ROUTES.items():
        for method, operation in methods.items():
            public = path in {"/v1/docs", "/v1/openapi.json"}
            assert (operation.scope is None) == public, path
            assert public or (operation.scope is Scope.READ) == (method == "GET"), path


def test_the_document_describes_scopes_as_the_user_pool_does() -> None:
    assert {f"edgeflow/{name}": said for name, said in SCOPE.findall(TEMPLATE)} == SCOPES


def test_groups_are_those_of_the_user_pool_and_their_rights_those_of_the_page() -> None:
    assert GROUP.findall(TEMPLATE) == list(Group)
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    told = {group: set(re.findall(r"`(\S+?)`", scopes)) for group, scopes in GROUP_ROW.findall(page)}
    assert told == {group: set(scopes) for group, scopes in RIGHTS.items()}


def test_what_is_public_is_throttled_by_itself() -> None:
    setting = r"- ResourcePath: (\S+)\s+HttpMethod: (\S+)\s+MetricsEnabled: true\s+ThrottlingRateLimit: (\d+)"
    throttled = {(path, method): rate for path, method, rate in re.findall(setting, TEMPLATE)}
    public = {(path, method): "5" for path in ("/~1v1~1openapi.json", "/~1v1~1docs") for method in ("GET", "HEAD")}
    assert throttled == {("/*", '"*"'): "100", **public}


def test_what_the_gateway_answers_itself_is_described() -> None:
    (answer,) = re.findall(r'application/json: >-\s+(\{"type".+?\})', TEMPLATE, re.DOTALL)
    keys = re.findall(r'"(\w+)":', answer)
    schema = DOCUMENT["components"]["schemas"]["GatewayProblem"]
    assert list(schema["properties"]) == keys == schema["required"]
