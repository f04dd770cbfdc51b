"""The text of the statements: what is fixed in them for the sake of pruning, order and other processes' columns."""

from __future__ import annotations

import datetime
import re

import pytest

from jobs.backfill.writer import with_constants
from jobs.schemas.tables import KEPT_ON_UPDATE, ML_FEATURE_STORE, Column
from jobs.warehouse.bigquery.dialect import BigQueryDialect
from jobs.warehouse.counting_statements import staged_dates_statement
from jobs.warehouse.delta.dialect import SparkDialect
from jobs.warehouse.dialect import Dialect
from jobs.warehouse.statements import merge_statement, newest_staged_statement

DATES = [datetime.date(2021, 11, 18), datetime.date(2021, 11, 7)]
LITERALS = "(DATE '2021-11-07', DATE '2021-11-18')"
COLUMNS = list(ML_FEATURE_STORE.columns)
DIALECTS = pytest.mark.parametrize("dialect", [SparkDialect(), BigQueryDialect()], ids=["spark", "bigquery"])


def merge(dialect: Dialect, columns: list[Column] = COLUMNS) -> str:
    return merge_statement(
        dialect, ML_FEATURE_STORE, columns, target="the_target", staging="the_staging", game_dates=DATES
    )


def check(dialect: Dialect) -> str:
    return staged_dates_statement(
        dialect,
        ML_FEATURE_STORE,
        target="the_target",
        staging="the_staging",
        columns=COLUMNS,
        game_dates=DATES,
        features=25,
    )


def updated_columns(statement: str) -> dict[str, str]:
    settings = statement.split("THEN UPDATE SET\n")[1].split("\nWHEN NOT MATCHED")[0]
    return dict(re.findall(r"`(\w+)` = staged\.`(\w+)`", settings))


@DIALECTS
def test_the_merge_is_pruned_by_literal_dates_on_both_sides(dialect: Dialect) -> None:
    statement = merge(dialect)
    assert statement.startswith("MERGE INTO the_target AS target\nUSING (")
    assert f"AND target.`game_date` IN {LITERALS}" in statement
    assert f"FROM the_staging\n    WHERE `game_date` IN {LITERALS}" in statement
    assert statement.count("DATE '") == 4


@DIALECTS
def test_the_newest_staged_row_of_a_key_is_merged(dialect: Dialect) -> None:
    order = "PARTITION BY `game_date`, `player_lookup` ORDER BY `created_at` DESC, `data_hash`"
    assert f"ROW_NUMBER() OVER ({order}) AS newest" in merge(dialect)
    assert "WHERE newest = 1" in merge(dialect)
    assert "ON target.`player_lookup` = staged.`player_lookup` AND target.`game_date` = staged.`game_date`" in merge(
        dialect
    )


@DIALECTS
def test_only_a_row_with_another_hash_is_updated(dialect: Dialect) -> None:
    condition = "WHEN MATCHED AND target.`data_hash` IS DISTINCT FROM staged.`data_hash` THEN UPDATE SET"
    assert condition in merge(dialect)


@DIALECTS
def test_an_update_keeps_the_first_writing_and_what_belongs_to_others(dialect: Dialect) -> None:
    updated = updated_columns(merge(dialect))
    expected = set(ML_FEATURE_STORE.column_names) - {"player_lookup", "game_date", *KEPT_ON_UPDATE}
    assert set(updated) == expected
    assert set(KEPT_ON_UPDATE) == {
        "created_at",
        "last_reprocess_attempt_at",
        "reprocess_attempt_count",
        "circuit_breaker_active",
        "circuit_breaker_until",
        "manual_override_required",
    }
    assert updated.pop("updated_at") == "created_at"
    assert all(name == value for name, value in updated.items())


@DIALECTS
def test_an_insert_lists_every_column_with_its_value(dialect: Dialect) -> None:
    columns = [column for column in COLUMNS if column.name != "feature_sources"]
    names = [column.name for column in columns]
    statement = merge(dialect, columns)
    inserted = statement.split("WHEN NOT MATCHED THEN ")[1]
    listed = ", ".join(f"`{name}`" for name in names)
    values = ", ".join(f"staged.`{name}`" for name in names)
    assert inserted == f"INSERT ({listed})\nVALUES ({values})"
    assert "feature_sources" not in statement
    hint = re.compile(r"/\*\+.*?\*/")
    assert "*" not in hint.sub("", statement)


@DIALECTS
def test_a_merge_of_inserts_only_leaves_matched_rows_alone(dialect: Dialect) -> None:
    whole = merge(dialect)
    update = whole[whole.index("\nWHEN MATCHED") : whole.index("\nWHEN NOT MATCHED")]
    inserts = merge_statement(
        dialect,
        ML_FEATURE_STORE,
        COLUMNS,
        target="the_target",
        staging="the_staging",
        game_dates=DATES,
        inserts_only=True,
    )
    assert inserts == whole.replace(update, "")
    assert "UPDATE" not in inserts


@pytest.mark.parametrize(
    ("dialect", "values"),
    [
        (
            SparkDialect(),
            ["ARRAY('one', 'two')", "CAST('v1' AS STRING)", "CAST(NULL AS BIGINT)", "CAST(FALSE AS BOOLEAN)"],
        ),
        (BigQueryDialect(), ["['one', 'two']", "CAST('v1' AS STRING)", "CAST(NULL AS INT64)", "CAST(FALSE AS BOOL)"]),
    ],
    ids=["spark", "bigquery"],
)
def test_constants_stand_in_the_select_and_are_not_read(dialect: Dialect, values: list[str]) -> None:
    constants = {
        "feature_names": ("one", "two"),
        "feature_version": "v1",
        "feature_generation_time_ms": None,
        "circuit_breaker_active": False,
    }
    statement = merge(dialect, with_constants(COLUMNS, constants))
    source = statement[statement.index("USING (") : statement.index(") AS staged\nON")]
    for name, value in zip(constants, values, strict=True):
        assert source.count(f"`{name}`") == source.count(f"{value} AS `{name}`") == 1
        assert f"staged.`{name}`" in statement


@DIALECTS
def test_the_overwritten_rows_are_the_newest_staged_ones(dialect: Dialect) -> None:
    statement = newest_staged_statement(
        dialect, ML_FEATURE_STORE, [c.name for c in COLUMNS], staging="the_staging", game_dates=DATES
    )
    assert statement in merge(dialect)


@DIALECTS
def test_the_check_of_a_staged_table_prunes_the_target(dialect: Dialect) -> None:
    statement = check(dialect)
    assert f"FROM the_target WHERE game_date IN {LITERALS} GROUP BY player_lookup, game_date" in statement
    assert "FROM the_staging AS staged" in statement
    assert statement.endswith("GROUP BY staged.game_date")


@DIALECTS
def test_the_check_counts_every_fault(dialect: Dialect) -> None:
    statement = check(dialect)
    for fault in ("wrong_feature_count", "not_finite", "no_hash", "null_in_required", "null_in_array"):
        assert f" AS {fault}" in statement
    for column in COLUMNS:
        assert (f"staged.{column.name} IS NULL" in statement) == (
            column.mode == "required" or column.name == "data_hash"
        )


def test_arrays_in_the_words_of_each_engine() -> None:
    assert "SIZE(staged.features)" in check(SparkDialect())
    assert "ARRAY_LENGTH(staged.features)" in check(BigQueryDialect())
    assert "UNNEST(staged.features)" in check(BigQueryDialect())
