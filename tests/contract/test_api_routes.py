"""template.yaml lets through the routes that functions/api answers, each for the scope that docs/api.md names."""

import re
from pathlib import Path

from api.paths import ROUTES

TEMPLATE = (Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8")
EVENT = re.compile(r"Method: (\w+)\s+Path: (\S+)\s+Auth:\s+Authorizer: \w+\s+AuthorizationScopes: \[(\S+)\]")


def _scope(method: str, path: str) -> str:
    if method == "GET":
        return "edgeflow/read"
    return "edgeflow/flows" if path.startswith("/v1/flows") else "edgeflow/deploy"


def test_each_route_is_let_through_for_its_scope() -> None:
    told = {(method.upper(), path): scope for method, path, scope in EVENT.findall(TEMPLATE)}
    paths = {path: path.replace("<", "{").replace(">", "}") for path in ROUTES}
    assert told == {
        (method, paths[path]): _scope(method, path) for path, methods in ROUTES.items() for method in methods
    }
