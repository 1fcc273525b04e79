"""Lets what a table's stream still has to deliver outlive a restart of MiniStack, which forgets it.

DynamoDB keeps the records of a stream for a day, whatever happens to their readers. MiniStack 1.5.33 saves how far each
event source mapping has read, but not the records: after a restart a function is called again only when as many new
records have come as there were old ones, and what was written but not delivered never comes. So the records that a
mapping has not had are saved with the table, and a position beyond the end of the stream, which such a restart left
behind, is moved to the end. tests/integration/test_stream_records.py runs the emulator without this and fails as soon
as it can do it by itself: this module and its call in launcher.py go then.
"""

from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc

_Table = tuple[str, str, str]  # account, region, name
_RECORDS = "stream_records"
_BEFORE_THEM = "stream_trimmed"


def install() -> None:
    """Wrap the emulator's way of saving and loading. Call it once, before the emulator starts."""
    tables_state = dynamodb.get_state
    restore_tables = dynamodb._restore_state  # noqa: SLF001  the emulator has no hook for this
    restore_functions = lambda_svc._restore_state  # noqa: SLF001

    def tables_and_records() -> dict[str, Any]:
        # Read before the tables: what is delivered while they are copied is delivered twice, never not at all.
        delivered = _delivered()
        state: dict[str, Any] = tables_state()
        return state | _undelivered(delivered)

    def with_records(data: dict[str, Any] | None) -> None:
        restore_tables(data)
        if data:
            dynamodb._stream_records.update(data.get(_RECORDS, {}))  # noqa: SLF001
            dynamodb._stream_trimmed.update(data.get(_BEFORE_THEM, {}))  # noqa: SLF001

    def with_positions_that_exist(data: dict[str, Any] | None) -> None:
        restore_functions(data)
        _move_back_to_the_end()

    dynamodb.get_state = tables_and_records
    dynamodb._restore_state = with_records  # noqa: SLF001
    lambda_svc._restore_state = with_positions_that_exist  # noqa: SLF001


def _mappings() -> list[tuple[tuple[str, str, str], _Table]]:
    """Return the mappings that read a table's stream, as account, region and id, each with its table."""
    found = []
    for (account, region, mapping_id), mapping in lambda_svc._esms.all_items():  # noqa: SLF001
        stream, is_stream, _ = mapping.get("EventSourceArn", "").partition("/stream/")
        if is_stream and ":dynamodb:" in stream:
            found.append(((account, region, mapping_id), (account, region, stream.rpartition("/")[2])))
    return found


def _delivered() -> dict[_Table, int]:
    """Return how far the slowest of a table's mappings has read; a table without one is left out."""
    delivered: dict[_Table, int] = {}
    for mapping, table in _mappings():
        position = lambda_svc._dynamodb_stream_positions.get_scoped(*mapping, 0)  # noqa: SLF001
        delivered[table] = min(position, delivered.get(table, position))
    return delivered


def _undelivered(delivered: dict[_Table, int]) -> dict[str, Any]:
    records, before_them = AccountRegionScopedDict(), AccountRegionScopedDict()
    for table, kept in dynamodb._stream_records.all_items():  # noqa: SLF001
        account, region, name = table
        first = dynamodb.stream_start_position(name, account_id=account, region=region)
        had = max(0, delivered.get(table, 0) - first)
        records.set_scoped(*table, kept[had:])
        before_them.set_scoped(*table, first + min(had, len(kept)))
    return {_RECORDS: records, _BEFORE_THEM: before_them}


def _move_back_to_the_end() -> None:
    for mapping, (account, region, name) in _mappings():
        end = dynamodb.stream_end_position(name, account_id=account, region=region)
        if lambda_svc._dynamodb_stream_positions.get_scoped(*mapping, 0) > end:  # noqa: SLF001
            lambda_svc._dynamodb_stream_positions.set_scoped(*mapping, end)  # noqa: SLF001
