"""The local cloud checks who attaches a policy by the certificate that gets it, as AWS does."""

import json
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.settings import REGION
from tests.support.restarts import BARE, Restartable

pytestmark = [pytest.mark.timeout(180), pytest.mark.stack]


def attaches(cloud: Restartable, resource: str) -> bool:
    """Tell whether somebody who may attach policies to this resource alone may attach one to a certificate."""
    iot = cloud.client("iot")
    policy = f"policy_{uuid4().hex[:8]}"
    iot.create_policy(policyName=policy, policyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
    certificate = iot.create_keys_and_certificate(setAsActive=False)["certificateArn"]
    iam = cloud.client("iam")
    user = f"user_{uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    arn = f"arn:aws:iot:{REGION}:*:{resource}"
    statement = {"Effect": "Allow", "Action": "iot:AttachPolicy", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=user, PolicyName="attach", PolicyDocument=document)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = boto3.client(
        "iot",
        endpoint_url=cloud.settings.endpoint_url,
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    try:
        theirs.attach_policy(policyName=policy, target=certificate)
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        return False
    return True


def test_who_may_attach_is_asked_of_the_certificate(cloud: Restartable) -> None:
    cloud.start()
    assert attaches(cloud, "cert/*")
    assert not attaches(cloud, "thinggroup/*")


def test_bare_emulator_still_needs_the_patch(cloud: Restartable) -> None:
    cloud.start(BARE)
    assert not attaches(cloud, "cert/*"), (
        "MiniStack asks for the certificate by itself now: "
        "delete localcloud/policy_targets.py, its call in localcloud/launcher.py, and this test."
    )
