"""template.yaml with its references made into the values that they will have, or into values of the same shape.

AWS validates policies and definitions only whole: with ARNs in place of ``!GetAtt Table.Arn``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cfnlint.decode import decode_str

from edgeflow.domain.partitions import partition_of

_ID: Final = "00000000-0000-4000-8000-000000000000"
_ARNS: Final = {
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::IoT::Policy": "iot:{region}:{account}:policy/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/" + _ID,
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::Serverless::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Serverless::StateMachine": "states:{region}:{account}:stateMachine:{name}",
}
"""What follows ``arn:`` and the partition, by the kind of resource."""
_REFERENCE: Final = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True)
class Place:
    """Where a stack is to be: a partition such as ``aws``, a region, an account's number."""

    partition: str
    region: str
    account: str

    @property
    def arn(self) -> str:
        """The ARN of the account."""
        return f"arn:{self.partition}:iam::{self.account}:root"


class Template:
    """The template of one stack at one place."""

    def __init__(self, text: str, *, stack_name: str, place: Place, parameters: Mapping[str, str]) -> None:
        """Take the text of template.yaml, and the parameters that are not left as they are there."""
        body, _ = decode_str(text)
        self._body: Mapping[str, Any] = dict(body or {})
        self._place = place
        self._stack_name = stack_name
        defaults = {name: str(each.get("Default", "")) for name, each in self._body.get("Parameters", {}).items()}
        self._parameters = defaults | dict(parameters)
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._referred,
            "Fn::GetAtt": self._gotten,
            "Fn::If": self._chosen,
            "Fn::Select": self._selected,
            "Fn::Split": self._split,
            "Fn::Sub": self._substituted,
        }

    def of_kind(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield name and properties of each resource of a kind."""
        for name, made in self._body["Resources"].items():
            if made["Type"] == kind:
                yield name, made.get("Properties", {})

    def resolved(self, value: Any) -> Any:  # noqa: ANN401  any part of the template
        """Return a part of the template without references. What only AWS can know gets a value of the same shape."""
        if isinstance(value, dict):
            name = next(iter(value), "")
            if len(value) == 1 and name in self._functions:
                return self._functions[name](value[name])
            return {str(key): self.resolved(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.resolved(each) for each in value]
        return str(value) if isinstance(value, str) else value

    def _gotten(self, path: str | list[str]) -> str:
        name, attribute = path.split(".", 1) if isinstance(path, str) else path
        return self._attribute(name, attribute)

    def _chosen(self, alternatives: list[Any]) -> Any:  # noqa: ANN401
        """Take every condition for true."""
        return self.resolved(alternatives[1])

    def _selected(self, argument: list[Any]) -> Any:  # noqa: ANN401
        index, values = argument
        return self.resolved(values)[int(index)]

    def _split(self, argument: list[Any]) -> list[str]:
        separator, text = argument
        return str(self.resolved(text)).split(separator)

    def _substituted(self, argument: str | list[Any]) -> str:
        text, values = (argument, {}) if isinstance(argument, str) else argument

        def replaced(found: re.Match[str]) -> str:
            name = found[1]
            if name in values:
                return str(self.resolved(values[name]))
            resource, _, attribute = name.partition(".")
            return str(self._attribute(resource, attribute) if attribute else self._referred(name))

        return _REFERENCE.sub(replaced, str(text)).replace("${!", "${")

    def _referred(self, name: str) -> str:
        pseudo = {
            "AWS::AccountId": self._place.account,
            "AWS::Partition": self._place.partition,
            "AWS::Region": self._place.region,
            "AWS::StackName": self._stack_name,
            "AWS::StackId": self._arn("cloudformation:{region}:{account}:stack/{name}/" + _ID, self._stack_name),
        }
        if name in pseudo:
            return pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        if self._kind(name) == "AWS::SQS::Queue":
            host = f"sqs.{self._place.region}.{partition_of(self._place.arn).services}"
            return f"https://{host}/{self._place.account}/{self._name(name)}"
        is_known_by_arn = self._kind(name) == "AWS::Serverless::StateMachine"
        return self._attribute(name, "Arn") if is_known_by_arn else self._name(name)

    def _attribute(self, name: str, attribute: str) -> str:
        if attribute == "Arn" and self._kind(name) in _ARNS:
            return self._arn(_ARNS[self._kind(name)], self._name(name))
        return self._name(name)

    def _arn(self, shape: str, name: str) -> str:
        filled = shape.format(region=self._place.region, account=self._place.account, name=name)
        return f"arn:{self._place.partition}:{filled}"

    def _name(self, logical_id: str) -> str:
        name = f"{self._stack_name}-{logical_id}"
        return name.lower() if self._kind(logical_id) == "AWS::S3::Bucket" else name

    def _kind(self, logical_id: str) -> str:
        return str(self._body["Resources"].get(logical_id, {}).get("Type", ""))
