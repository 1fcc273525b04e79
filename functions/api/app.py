"""One function of the REST API: the routes that it answers, and what all of them share.

API Gateway's stage ``api`` has several functions behind it, each with the routes, and so the role, of one kind of work:
see ``api.apps``.
"""

from typing import Any, Protocol

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from api.attention import refuse_what_is_not_looked_at
from api.cors import headers_for
from api.paths import BASE_PATH
from api.problems import register_problems
from api.rights import refuse_who_has_no_right

logger = Logger(service="api")
tracer = Tracer(service="api")
metrics = Metrics(service="api", namespace="EdgeFlow")


class Handler(Protocol):
    """Answers one request of API Gateway."""

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Return the answer as API Gateway takes it."""
        ...


def handler_of(*routers: APIGatewayRouter) -> Handler:
    """Return the entry point of a function that answers these routes."""
    app = APIGatewayRestResolver(strip_prefixes=[BASE_PATH])
    for router in routers:
        app.include_router(router)
    app.use([refuse_who_has_no_right, refuse_what_is_not_looked_at])
    register_problems(app, logger, metrics)

    @metrics.log_metrics
    @logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
    @tracer.capture_lambda_handler(capture_response=False)  # an answer can hold a private key
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
        asks_for_headers_alone = event.get("httpMethod") == "HEAD"
        answer = app.resolve({**event, "httpMethod": "GET"} if asks_for_headers_alone else event, context)
        answer["multiValueHeaders"] = {**answer["multiValueHeaders"], **headers_for(event)}
        if asks_for_headers_alone:
            answer["body"] = ""
        request = {"method": event.get("httpMethod"), "resource": event.get("resource"), "status": answer["statusCode"]}
        logger.info("answered", extra=request)
        return answer

    return handler
