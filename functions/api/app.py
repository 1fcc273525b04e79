"""Entry point: API Gateway's REST stage ``api``, with one function behind all its routes."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from api.attention import refuse_what_is_not_looked_at
from api.paths import BASE_PATH
from api.problems import register_problems
from api.rights import refuse_who_has_no_right
from api.routes import deployments, devices, flows, node_types, openapi

logger = Logger(service="api")
tracer = Tracer(service="api")
metrics = Metrics(service="api", namespace="EdgeFlow")

app = APIGatewayRestResolver(strip_prefixes=[BASE_PATH])
app.include_router(flows.router)
app.include_router(deployments.router)
app.include_router(devices.router)
app.include_router(openapi.router)
app.include_router(node_types.router)
app.use([refuse_who_has_no_right, refuse_what_is_not_looked_at])
register_problems(app, logger, metrics)


@metrics.log_metrics
@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@tracer.capture_lambda_handler(capture_response=False)  # an answer can hold a private key
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    answer = app.resolve(event, context)
    request = {"method": event.get("httpMethod"), "resource": event.get("resource"), "status": answer["statusCode"]}
    logger.info("answered", extra=request)
    return answer
