"""The statements that change a target, made from `schemas`: merging a slice of a staged table, and undoing that.

Text in, text out; the same statements for every warehouse, in its dialect. Those that count are in
`counting_statements`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from jobs.schemas.tables import KEPT_ON_UPDATE, Column, Constant, Table
from jobs.warehouse.dialect import Dialect

KeyTable = tuple[str, Sequence[str]]
"""A table's name in a statement, and the columns in it that stand for the target's key."""


@dataclass(frozen=True)
class Played:
    """The rows of a target that stay without a key in the table of keys: those whose game the log still has.

    `games` is the log, `name` what it is called in a statement, `condition` when one of its rows is a game played;
    `decisions` are the `processing_decision_reason` of rows that may have been made without a context row.
    """

    games: Table
    name: str
    condition: str
    decisions: Sequence[str]


_PROCESSED_AT = ("processed_at", "created_at")
_WRITTEN_AT = ("processed_at", "created_at", "updated_at")


def merge_statement(
    dialect: Dialect,
    table: Table,
    columns: Sequence[Column],
    *,
    target: str,
    staging: str,
    game_dates: Sequence[datetime.date],
    keys: KeyTable | None = None,
    played: Played | None = None,
    inserts_only: bool = False,
) -> str:
    """One MERGE of the staged rows of some dates.

    A matched row is updated where its `data_hash` differs, and then keeps what belongs to its first writing and to
    other processes; a row that is not matched is inserted. `columns` are those that the target has; the constants among
    them are not staged. With `keys`, rows of the target whose key that table lacks are deleted, but for those of
    `played`. `inserts_only` is for dates of which nothing is to be updated or deleted: the matched rows are left alone,
    and an engine has to go over both sides once, not twice.
    """
    dates = dialect.dates(game_dates)
    names = [column.name for column in columns]
    listed = ", ".join(map(dialect.quoted, names))
    updated = [name for name in names if name not in (*table.key, *KEPT_ON_UPDATE)]
    values = {name: f"staged.{dialect.quoted(name)}" for name in names}
    settings = ",\n  ".join(
        f"{dialect.quoted(name)} = {'staged.`created_at`' if name == 'updated_at' else values[name]}"
        for name in updated
    )
    constants = constant_values(dialect, columns)
    source = newest_staged_statement(dialect, table, names, staging=staging, game_dates=game_dates, constants=constants)
    is_staged, deletion = "", ""
    if keys is not None:
        kept = _kept_keys(dialect, table, keys, dates, target, played)
        source = _with_keys(dialect, table, names, source, kept)
        is_staged = "staged.`is_staged` AND "
        deletion = f"\nWHEN NOT MATCHED BY SOURCE AND target.{dialect.quoted(table.date_column)} IN {dates} THEN DELETE"
    inserted = f" AND {is_staged.removesuffix(' AND ')}" if is_staged else ""
    update = f"""
WHEN MATCHED AND {is_staged}target.`data_hash` IS DISTINCT FROM staged.`data_hash` THEN UPDATE SET
  {settings}"""
    return f"""MERGE INTO {target} AS target
USING (
{source}
) AS staged
ON {same_key(dialect, table, "staged")}
  AND target.{dialect.quoted(table.date_column)} IN {dates}{"" if inserts_only else update}
WHEN NOT MATCHED{inserted} THEN INSERT ({listed})
VALUES ({", ".join(values.values())}){deletion}"""


def _with_keys(dialect: Dialect, table: Table, names: Sequence[str], staged: str, kept: str) -> str:
    """The staged rows, and beside them each key that may stay in the target without being staged."""
    columns = ", ".join(
        f"COALESCE(staged.{dialect.quoted(name)}, kept.{dialect.quoted(name)}) AS {dialect.quoted(name)}"
        if name in table.key
        else f"staged.{dialect.quoted(name)}"
        for name in names
    )
    same = " AND ".join(f"staged.{dialect.quoted(key)} = kept.{dialect.quoted(key)}" for key in table.key)
    return f"""  SELECT {columns}, staged.`data_hash` IS NOT NULL AS `is_staged`
  FROM (
{staged}
  ) AS staged
  FULL JOIN (
{kept}
  ) AS kept
  ON {same}"""


def _kept_keys(dialect: Dialect, table: Table, keys: KeyTable, dates: str, target: str, played: Played | None) -> str:
    name, columns = keys
    date = dialect.quoted(columns[table.key.index(table.date_column)])
    listed = ", ".join(
        f"{dialect.quoted(theirs)} AS {dialect.quoted(ours)}" for ours, theirs in zip(table.key, columns, strict=True)
    )
    known = " AND ".join(f"{dialect.quoted(column)} IS NOT NULL" for column in columns)
    of_table = f"  SELECT DISTINCT {listed} FROM {name} WHERE {date} IN {dates} AND {known}"
    if played is None:
        return of_table
    return f"{of_table}\n  UNION DISTINCT\n{_played_keys(dialect, table, dates, target, played)}"


def _played_keys(dialect: Dialect, table: Table, dates: str, target: str, played: Played) -> str:
    """The keys of the target's rows of `decisions` whose newest row of the game log is a game played."""
    key = ", ".join(map(dialect.quoted, table.key))
    of_games = ", ".join(f"games.{dialect.quoted(name)}" for name in table.key)
    ordered = newest_first(dialect, played.games.column_names, played.games.key)
    decisions = ", ".join(f"'{decision}'" for decision in played.decisions)
    date, reason = dialect.quoted(table.date_column), dialect.quoted("processing_decision_reason")
    same = " AND ".join(f"games.{dialect.quoted(name)} = added.{dialect.quoted(name)}" for name in table.key)
    return f"""  SELECT DISTINCT {of_games}
  FROM (
    SELECT {key}, points, minutes_played, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {ordered}) AS newest
    FROM {played.name} WHERE {date} IN {dates}
  ) AS games
  JOIN (
    SELECT {key} FROM {target} WHERE {date} IN {dates} AND {reason} IN ({decisions})
  ) AS added
  ON {same}
  WHERE games.newest = 1 AND ({played.condition})"""


def same_key(dialect: Dialect, table: Table, other: str) -> str:
    """That a row of `target` and one of `other` have the same key."""
    return " AND ".join(f"target.{dialect.quoted(key)} = {other}.{dialect.quoted(key)}" for key in table.key)


def newest_first(dialect: Dialect, names: Sequence[str], key: Sequence[str]) -> str:
    """The order of rows with these columns in which the newest of a key comes first; no tie is left to chance."""
    newest = [name for name in _PROCESSED_AT if name in names]
    order = [*newest, *(name for name in names if name not in (*newest, *key))]
    return ", ".join(f"{dialect.quoted(name)} DESC NULLS LAST" for name in order)


def prunable_statement(
    dialect: Dialect,
    table: Table,
    *,
    target: str,
    keys: KeyTable,
    game_dates: Sequence[datetime.date],
    played: Played | None = None,
) -> str:
    """How many rows of the target have a key that the table of keys lacks, one row per date: `game_date`, `pruned`."""
    dates, date = dialect.dates(game_dates), dialect.quoted(table.date_column)
    return f"""SELECT target.{date} AS game_date, COUNT(*) AS pruned
FROM {target} AS target
LEFT JOIN (
{_kept_keys(dialect, table, keys, dates, target, played)}
) AS kept
ON {same_key(dialect, table, "kept")}
WHERE target.{date} IN {dates} AND kept.{dialect.quoted(table.key[0])} IS NULL
GROUP BY target.{date}"""


def restore_statement(
    dialect: Dialect,
    table: Table,
    names: Sequence[str],
    *,
    target: str,
    staging: str,
    game_dates: Sequence[datetime.date],
    updated: Sequence[str],
    by_key: bool = True,
) -> str:
    """One MERGE that makes some dates of the target what is staged of them, row for row.

    `names` are the columns that both have. Of a row that is still there the columns `updated` are put back, those that
    were not there then to NULL, and columns of others left as they are. `by_key` leaves rows alone that are the same;
    without, all rows of the dates are deleted and inserted, which serves a table in which a key stands twice.
    """
    dates = dialect.dates(game_dates)
    date = f"target.{dialect.quoted(table.date_column)}"
    written = [name for name in names if name in ("data_hash", *_WRITTEN_AT)]
    differs = " OR ".join(f"target.`{name}` IS DISTINCT FROM earlier.`{name}`" for name in written)
    settings = ",\n  ".join(
        f"{dialect.quoted(name)} = {f'earlier.{dialect.quoted(name)}' if name in names else 'NULL'}" for name in updated
    )
    matched = f"{same_key(dialect, table, 'earlier')}\n  AND {date} IN {dates}"
    update = f"\nWHEN MATCHED AND ({differs}) THEN UPDATE SET\n  {settings}"
    return f"""MERGE INTO {target} AS target
USING {staging} AS earlier
ON {matched if by_key else "FALSE"}{update if by_key else ""}
WHEN NOT MATCHED THEN INSERT ({", ".join(map(dialect.quoted, names))})
VALUES ({", ".join(f"earlier.{dialect.quoted(name)}" for name in names)})
WHEN NOT MATCHED BY SOURCE AND {date} IN {dates} THEN DELETE"""


def constant_values(dialect: Dialect, columns: Sequence[Column]) -> dict[str, str]:
    """The values of the constants among these columns, by name."""
    return {column.name: dialect.constant(column) for column in columns if isinstance(column, Constant)}


def newest_staged_statement(
    dialect: Dialect,
    table: Table,
    names: Sequence[str],
    *,
    staging: str,
    game_dates: Sequence[datetime.date],
    constants: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """These columns of the staged rows of some dates, one row per key, as a SELECT; `constants` are not staged."""
    key, date = ", ".join(map(dialect.quoted, table.key_by_date)), dialect.quoted(table.date_column)
    listed = ", ".join(dialect.quoted(name) for name in names if name not in constants)
    values = ", ".join(
        f"{constants[name]} AS {dialect.quoted(name)}" if name in constants else dialect.quoted(name) for name in names
    )
    return f"""  SELECT {values}
  FROM (
    SELECT {listed},
      ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY `created_at` DESC, `data_hash`) AS newest
    FROM (
    SELECT {dialect.in_order_of(date)}{listed} FROM {staging}
    WHERE {date} IN {dialect.dates(game_dates)}) AS staged_rows
  ) AS ranked
  WHERE newest = 1"""
