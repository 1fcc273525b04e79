"""CloudFront in front of API Gateway: tests/integration/test_console.py asks through it with the patch."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

from localcloud.clients import root_client
from localcloud.settings import REGION, Settings

if TYPE_CHECKING:
    from types_boto3_apigateway.client import APIGatewayClient

pytestmark = pytest.mark.timeout(180)


def test_bare_emulator_still_needs_the_patch(bare: Settings) -> None:
    apis: APIGatewayClient = root_client("apigateway", bare.endpoint_url)
    api = _api(apis)
    answered = requests.get(f"{bare.endpoint_url}/_aws/execute-api/{api}/api/", timeout=10)
    assert answered.status_code == 200, answered.text

    host = f"{_distribution(bare, f'{api}.execute-api.{REGION}.amazonaws.com')}:{urlsplit(bare.endpoint_url).port}"
    asked = requests.get(f"{bare.endpoint_url}/api/", headers={"Host": host}, timeout=10)
    assert asked.status_code == 502, (
        "MiniStack forwards to APIs by itself now: "
        "delete localcloud/api_origin.py, its call in localcloud/launcher.py, and this test."
    )


def _api(apis: "APIGatewayClient") -> str:
    """Make an API whose stage `api` answers 200 to a GET of its root; returns its id."""
    api = apis.create_rest_api(name="things")["id"]
    (root,) = apis.get_resources(restApiId=api)["items"]
    get: Any = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    apis.put_method(**get, authorizationType="NONE")
    apis.put_method_response(**get, statusCode="200")
    apis.put_integration(**get, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    apis.put_integration_response(**get, statusCode="200")
    apis.create_deployment(restApiId=api, stageName="api")
    return api


def _distribution(bare: Settings, origin: str) -> str:
    """Make a distribution of this origin; returns the host that it answers at."""
    cloudfront = root_client("cloudfront", bare.endpoint_url)
    made = cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": "test",
            "Comment": "",
            "Enabled": True,
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "api",
                        "DomainName": origin,
                        "CustomOriginConfig": {
                            "HTTPPort": 80,
                            "HTTPSPort": 443,
                            "OriginProtocolPolicy": "https-only",
                        },
                    }
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "api",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            },
        }
    )
    label = made["Distribution"]["DomainName"].partition(".")[0]
    return f"{label}.cloudfront.localhost"
