"""Damage to records in the table."""

from edgeflow.adapters import keys
from edgeflow.adapters.table import Table


def damage(table: Table, key: keys.Key, **attributes: object) -> None:
    """Give an item these attributes in place of its own."""
    item = table.get(key)
    assert item is not None
    table.put({**item, **attributes})
