"""The statements of a run, made from `schemas`: checking a staged table, merging a slice of it into the target.

Text in, text out; the same statements for every warehouse, in its dialect.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jobs.schemas.tables import KEPT_ON_UPDATE, Column, Table
from jobs.warehouse.dialect import DateRange, Dialect

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
QUALITY_TIERS = ("gold", "silver", "bronze", "poor", "critical")
DATA_SOURCES = ("phase4", "phase4_partial", "phase3", "mixed", "early_season")


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
    other processes; a row that is not matched is inserted. `columns` are those that the target has. With `keys`, rows
    of the target whose key that table lacks are deleted, but for those of `played`. `inserts_only` is for dates of
    which nothing is to be updated or deleted: the matched rows are left alone, and an engine has to go over both sides
    once, not twice.
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
    source, is_staged, deletion = _newest_staged(dialect, table, listed, staging, dates), "", ""
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
ON {_same_key(dialect, table, "staged")}
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


def _same_key(dialect: Dialect, table: Table, other: str) -> str:
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
ON {_same_key(dialect, table, "kept")}
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
    same_key = f"{_same_key(dialect, table, 'earlier')}\n  AND {date} IN {dates}"
    update = f"\nWHEN MATCHED AND ({differs}) THEN UPDATE SET\n  {settings}"
    return f"""MERGE INTO {target} AS target
USING {staging} AS earlier
ON {same_key if by_key else "FALSE"}{update if by_key else ""}
WHEN NOT MATCHED THEN INSERT ({", ".join(map(dialect.quoted, names))})
VALUES ({", ".join(f"earlier.{dialect.quoted(name)}" for name in names)})
WHEN NOT MATCHED BY SOURCE AND {date} IN {dates} THEN DELETE"""


def newest_staged_statement(
    dialect: Dialect, table: Table, names: Sequence[str], *, staging: str, game_dates: Sequence[datetime.date]
) -> str:
    """These columns of the staged rows of some dates, one row per key, as a SELECT."""
    listed = ", ".join(map(dialect.quoted, names))
    return _newest_staged(dialect, table, listed, staging, dialect.dates(game_dates))


def _newest_staged(dialect: Dialect, table: Table, listed: str, staging: str, dates: str) -> str:
    key, date = ", ".join(map(dialect.quoted, table.key_by_date)), dialect.quoted(table.date_column)
    return f"""  SELECT {listed}
  FROM (
    SELECT {listed},
      ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY `created_at` DESC, `data_hash`) AS newest
    FROM (
    SELECT {dialect.in_order_of(date)}{listed} FROM {staging}
    WHERE {date} IN {dates}) AS staged_rows
  ) AS ranked
  WHERE newest = 1"""


def staged_dates_statement(
    dialect: Dialect,
    table: Table,
    *,
    target: str,
    staging: str,
    columns: Sequence[Column],
    game_dates: Sequence[datetime.date],
    features: int | None,
) -> str:
    """What was staged, one row per date: rows, rows by what the MERGE will do with them, quality, and what is wrong.

    Columns: `game_date`, `staged`, `inserted`, `updated`, `unchanged`, `held_twice` (staged keys that the target holds
    more than once), and counts of rows by fault: `duplicated`, `no_hash`, `null_in_required`, `null_in_array`; of a
    table with `features` also `mean_quality`, `rows_<data source>`, `wrong_feature_count` and `not_finite`.
    """
    required = " OR ".join(f"staged.{column.name} IS NULL" for column in table.columns if column.mode == "required")
    arrays = [dialect.any_null(f"staged.{column.name}") for column in columns if column.type == "ARRAY<STRING>"]
    date, (entity, *_) = table.date_column, [key for key in table.key if key != table.date_column]
    held = f"target.{entity} IS NOT NULL"
    all_equal = "target.least = staged.data_hash AND target.most = staged.data_hash AND target.hashes = target.held"
    same = f"COALESCE({all_equal}, FALSE)"
    counted = {
        "inserted": f"target.{entity} IS NULL",
        "updated": f"{held} AND NOT {same}",
        "unchanged": f"{held} AND {same}",
        "held_twice": "target.held > 1",
        "no_hash": "staged.data_hash IS NULL",
        "null_in_required": required,
        "null_in_array": " OR ".join(arrays) or "FALSE",
        **({} if features is None else _feature_counts(dialect, features)),
    }
    counts = ",\n  ".join(f"COUNT(CASE WHEN {condition} THEN 1 END) AS {name}" for name, condition in counted.items())
    quality = "" if features is None else f"\n  {dialect.mean('staged.feature_quality_score')} AS mean_quality,"
    key = ", ".join(table.key)
    return f"""SELECT staged.{date} AS game_date, COUNT(*) AS staged,
  COUNT(*) - COUNT(DISTINCT staged.{entity}) AS duplicated,{quality}
  {counts}
FROM {staging} AS staged
LEFT JOIN (
  SELECT {key}, MIN(data_hash) AS least, MAX(data_hash) AS most, COUNT(data_hash) AS hashes, COUNT(*) AS held
  FROM {target} WHERE {date} IN {dialect.dates(game_dates)} GROUP BY {key}
) AS target
ON {" AND ".join(f"target.{key} = staged.{key}" for key in table.key)}
GROUP BY staged.{date}"""


def _feature_counts(dialect: Dialect, features: int) -> dict[str, str]:
    size = dialect.array_size("staged.features")
    right_count = (
        f"(CASE WHEN staged.early_season_flag THEN {size} = 0 AND staged.feature_count = 0"
        f" ELSE {size} = {features} AND staged.feature_count = {features} END)"
    )
    return {
        **{f"rows_{source}": f"staged.data_source = '{source}'" for source in DATA_SOURCES},
        "wrong_feature_count": f"NOT COALESCE({right_count}, FALSE)",
        "not_finite": dialect.any_not_finite("staged.features"),
    }


def feature_counts_statement(
    dialect: Dialect, table: Table, name: str, columns: Collection[str], between: DateRange, features: int
) -> str:
    """The features of each date of a target or staging table called `name`, which has these `columns`.

    Columns: `game_date`, `valued` (rows with features), `lowest_I` and `highest_I` of feature I; with `feature_sources`
    also `defaults_I`, and with `out_of_range` the number of values that `out_of_range` (summed up).
    """
    first, last = between
    counts = [f"COUNT(CASE WHEN {dialect.array_size('features')} = {features} THEN 1 END) AS valued"]
    for index in range(features):
        value = dialect.element("features", index)
        counts += [f"MIN({value}) AS lowest_{index}", f"MAX({value}) AS highest_{index}"]
        if "feature_sources" in columns:
            source = dialect.element("feature_sources", index)
            counts.append(f"COUNT(CASE WHEN {source} = 'default' THEN 1 END) AS defaults_{index}")
    if "out_of_range" in columns:
        counts.append(f"SUM({dialect.array_size('out_of_range')}) AS out_of_range")
    listed, date = ",\n  ".join(counts), table.date_column
    return f"""SELECT {date} AS game_date,
  {listed}
FROM {name}
WHERE {date} BETWEEN DATE '{first}' AND DATE '{last}'
GROUP BY {date}"""


def out_of_range_statement(dialect: Dialect, name: str) -> str:
    """How many values of each pre-computed column a staging table notes as out of range: `name`, `number`."""
    return f"""SELECT noted.name AS name, COUNT(*) AS number
FROM {dialect.unnested(name, "out_of_range", "noted", "name")}
GROUP BY noted.name"""


def differing_rows_statement(
    dialect: Dialect, table: Table, *, target: str, staging: str, game_dates: Sequence[datetime.date]
) -> str:
    """How many rows of the target a MERGE will update, one row per date: more than keys, where a key stands twice."""
    date = table.date_column
    return f"""SELECT target.{date} AS game_date, COUNT(*) AS differing
FROM {target} AS target
JOIN {staging} AS staged
ON {_same_key(dialect, table, "staged")}
WHERE target.{date} IN {dialect.dates(game_dates)} AND target.data_hash IS DISTINCT FROM staged.data_hash
GROUP BY target.{date}"""


def repeated_keys_statement(dialect: Dialect, table: Table, staging: str) -> str:
    """How many keys stand more than once in a staging table: `repeated`."""
    key = ", ".join(map(dialect.quoted, table.key))
    return f"SELECT COUNT(*) AS repeated FROM (SELECT {key} FROM {staging} GROUP BY {key} HAVING COUNT(*) > 1) AS keys_"


def other_versions_statement(
    dialect: Dialect,
    table: Table,
    *,
    target: str,
    between: DateRange,
    listed: Sequence[datetime.date] | None = None,
    version: str,
) -> str:
    """The rows of another `feature_version` on some dates, one row per version.

    Columns: `feature_version`, `held` (rows), `first_date`, `last_date`; no row where there is none.
    """
    date = table.date_column
    return f"""SELECT feature_version, COUNT(*) AS held, MIN({date}) AS first_date, MAX({date}) AS last_date
FROM {target}
WHERE {date} {_asked(dialect, between, listed)} AND feature_version <> '{version}'
GROUP BY feature_version"""


def _asked(dialect: Dialect, between: DateRange, listed: Sequence[datetime.date] | None) -> str:
    first, last = between
    return f"BETWEEN DATE '{first}' AND DATE '{last}'" if listed is None else f"IN {dialect.dates(listed)}"


def results_statement(
    dialect: Dialect,
    table: Table,
    *,
    target: str,
    between: DateRange,
    listed: Sequence[datetime.date] | None = None,
    tiers: bool = True,
    training_ready: bool = False,
) -> str:
    """One row per game date, and one without a date for all of them together, of the dates between two or listed.

    Columns: `game_date`, `held` (rows), `players` (distinct), `mean_quality`, and counts of rows `source_<data source>`
    and, of a target with these columns, `tier_<quality tier>` and `training_ready`. An empty table may or may not give
    the row without a date.
    """
    date = table.date_column
    entity = next(key for key in table.key if key != date)
    counted = {
        **{f"source_{source}": f"data_source = '{source}'" for source in DATA_SOURCES},
        **({f"tier_{tier}": f"quality_tier = '{tier}'" for tier in QUALITY_TIERS} if tiers else {}),
        **({"training_ready": "is_training_ready"} if training_ready else {}),
    }
    counts = ",\n  ".join(f"COUNT(CASE WHEN {condition} THEN 1 END) AS {name}" for name, condition in counted.items())
    return f"""SELECT {date} AS game_date, COUNT(*) AS held, COUNT(DISTINCT {entity}) AS players,
  {dialect.mean("feature_quality_score")} AS mean_quality,
  {counts}
FROM {target}
WHERE {date} {_asked(dialect, between, listed)}
GROUP BY ROLLUP({date})"""


def skips_statement(skips: str, run_ids: Sequence[str]) -> str:
    """The skipped rows of some runs by `run_id`, `game_date` and `reason`: how many (`skipped`), two players of them.

    Rows without a date are of no date.
    """
    runs = ", ".join(f"'{run_id}'" for run_id in run_ids)
    return f"""SELECT run_id, game_date, reason, COUNT(*) AS skipped,
  MIN(player_lookup) AS first_player, MAX(player_lookup) AS last_player
FROM {skips}
WHERE run_id IN ({runs}) AND game_date IS NOT NULL
GROUP BY run_id, game_date, reason"""
