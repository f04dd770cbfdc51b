"""The statements that count what is staged or held: the checks of a run, the results of a feature store.

Text in, text out; the same statements for every warehouse, in its dialect. Nothing is changed by them.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence

from jobs.schemas.tables import Column, Table
from jobs.warehouse.dialect import DateRange, Dialect
from jobs.warehouse.statements import same_key

QUALITY_TIERS = ("gold", "silver", "bronze", "poor", "critical")
DATA_SOURCES = ("phase4", "phase4_partial", "phase3", "mixed", "early_season")


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

    `columns` are the staged ones of the target.
    Columns: `game_date`, `staged`, `inserted`, `updated`, `unchanged`, `held_twice` (staged keys that the target holds
    more than once), and counts of rows by fault: `duplicated`, `no_hash`, `null_in_required`, `null_in_array`; of a
    table with `features` also `mean_quality`, `rows_<data source>`, `wrong_feature_count` and `not_finite`.
    """
    required = " OR ".join(f"staged.{column.name} IS NULL" for column in columns if column.mode == "required")
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
    also `defaults_I`, and with `_out_of_range` the number of values in it, `out_of_range`.
    """
    first, last = between
    counts = [f"COUNT(CASE WHEN {dialect.array_size('features')} = {features} THEN 1 END) AS valued"]
    for index in range(features):
        value = dialect.element("features", index)
        counts += [f"MIN({value}) AS lowest_{index}", f"MAX({value}) AS highest_{index}"]
        if "feature_sources" in columns:
            source = dialect.element("feature_sources", index)
            counts.append(f"COUNT(CASE WHEN {source} = 'default' THEN 1 END) AS defaults_{index}")
    if "_out_of_range" in columns:
        counts.append(f"SUM({dialect.array_size('_out_of_range')}) AS out_of_range")
    listed, date = ",\n  ".join(counts), table.date_column
    return f"""SELECT {date} AS game_date,
  {listed}
FROM {name}
WHERE {date} BETWEEN DATE '{first}' AND DATE '{last}'
GROUP BY {date}"""


def out_of_range_statement(dialect: Dialect, name: str) -> str:
    """How many values of each pre-computed column a staging table notes as out of range: `name`, `number`."""
    return f"""SELECT noted.name AS name, COUNT(*) AS number
FROM {dialect.unnested(name, "_out_of_range", "noted", "name")}
GROUP BY noted.name"""


def differing_rows_statement(
    dialect: Dialect, table: Table, *, target: str, staging: str, game_dates: Sequence[datetime.date]
) -> str:
    """How many rows of the target a MERGE will update, one row per date: more than keys, where a key stands twice."""
    date = table.date_column
    return f"""SELECT target.{date} AS game_date, COUNT(*) AS differing
FROM {target} AS target
JOIN {staging} AS staged
ON {same_key(dialect, table, "staged")}
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


def column_ends_statement(
    dialect: Dialect,
    table: Table,
    columns: Sequence[Column],
    *,
    name: str,
    between: DateRange,
    listed: Sequence[datetime.date] | None = None,
) -> str:
    """The flags and whole numbers of a table called `name`, of the rows of some dates, as one row.

    Columns: `held` (rows), and of each column `valued_NAME` (rows with a value), `lowest_NAME`, `highest_NAME`; false
    is 0 and true is 1.
    """
    counts = []
    for column in columns:
        value = dialect.quoted(column.name)
        number = f"CASE WHEN {value} THEN 1 WHEN NOT {value} THEN 0 END" if column.type == "BOOL" else value
        counts.append(f"COUNT({value}) AS valued_{column.name}")
        counts += [f"MIN({number}) AS lowest_{column.name}", f"MAX({number}) AS highest_{column.name}"]
    listed_counts = ",\n  ".join(counts)
    return f"""SELECT COUNT(*) AS held,
  {listed_counts}
FROM {name}
WHERE {table.date_column} {_asked(dialect, between, listed)}"""


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
