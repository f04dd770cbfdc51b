"""The flags and numbers of context that have one value in every row: whoever fills the table does not compute them.

One statement that counts; what is to be done about them is decided in `advice`.
"""

from __future__ import annotations

from jobs.planning.distances import CONSTANT_ROWS
from jobs.planning.plan import RequestedDates
from jobs.reports.season import ConstantColumn
from jobs.schemas.tables import UPCOMING_PLAYER_GAME_CONTEXT
from jobs.warehouse.counting_statements import column_ends_statement
from jobs.warehouse.interface import Warehouse

_TYPES = ("BOOL", "INT64")


def constant_columns(warehouse: Warehouse, requested: RequestedDates) -> list[ConstantColumn]:
    """The columns of context with one value, not NULL, in all of 500 or more rows of the dates, in the table's order.

    ContractError when context is absent, lacks a column or has another type.
    """
    table = UPCOMING_PLAYER_GAME_CONTEXT
    columns = [column for column in warehouse.checked_columns(table) if column.type in _TYPES]
    (row,) = warehouse.ask(
        lambda dialect: column_ends_statement(
            dialect,
            table,
            columns,
            name=warehouse.sql_name(table),
            between=(requested.start, requested.end),
            listed=requested.listed,
        )
    )
    found = []
    for column in columns:
        lowest, highest, valued = (row[f"{what}_{column.name}"] for what in ("lowest", "highest", "valued"))
        if valued >= CONSTANT_ROWS and valued == row["held"] and lowest == highest:
            value = bool(lowest) if column.type == "BOOL" else int(lowest)
            found.append(ConstantColumn(table.name, column.name, value, valued))
    return found
