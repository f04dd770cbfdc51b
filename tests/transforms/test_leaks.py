"""With which recomputation stored values agree, to how many decimals they were stored, and which rows were used."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from transforms.leaks import OUTCOMES, ROW, Sides, agreement, rounded_to, tolerance_of, used_decimals, used_rows

NOVEMBER_1 = datetime.date(2021, 11, 1)
NOVEMBER_2 = datetime.date(2021, 11, 2)
BEFORE, INCLUDING, BOTH, NEITHER = ({name: 1} for name in ("before_only", "including_only", "both", "neither"))
NOT_COMPARED: dict[str, int] = {}
Values = tuple[str | None, str | None]


class Case(NamedTuple):
    """A mean and a zone, as they are stored and as they were recomputed (None: no row); where each agrees."""

    stored: Values
    before: Values | None
    including: Values | None
    row: dict[str, int]
    mean: dict[str, int]
    zone: dict[str, int]


CASES = {
    "the same as before": Case(("1.0", "paint"), ("1.0", "paint"), ("2.0", "balanced"), BOTH, BEFORE, BEFORE),
    "the same as with the day": Case(
        ("2.0", "paint"), ("1.0", "balanced"), ("2.0", "paint"), BOTH, INCLUDING, INCLUDING
    ),
    "within the tolerance": Case(("1.0", "paint"), ("1.1", "paint"), ("0.9", "paint"), BOTH, BOTH, BOTH),
    "beyond the tolerance": Case(("1.0", "paint"), ("1.2", "balanced"), ("0.8", None), BOTH, NEITHER, NEITHER),
    "NULL and a value": Case((None, None), ("1.0", "paint"), ("1.0", "paint"), BOTH, NEITHER, NEITHER),
    "a value and NULL": Case(("1.0", "paint"), (None, None), ("1.0", "paint"), BOTH, INCLUDING, INCLUDING),
    "NULL and NULL": Case((None, None), (None, None), ("1.0", "paint"), BOTH, BEFORE, BEFORE),
    "no row before": Case(("1.0", "paint"), None, ("1.0", "paint"), INCLUDING, NOT_COMPARED, NOT_COMPARED),
    "no row with the day": Case(("1.0", "paint"), ("1.0", "paint"), None, BEFORE, NOT_COMPARED, NOT_COMPARED),
    "no row at all": Case(("1.0", "paint"), None, None, NEITHER, NOT_COMPARED, NOT_COMPARED),
}
DATES = {name: NOVEMBER_1 + datetime.timedelta(days=number) for number, name in enumerate(CASES)}
COLUMNS = "player_lookup string, cache_date date, mean decimal(9,1), zone string"


def named(counts: Sequence[int]) -> dict[str, int]:
    return {name: count for name, count in zip(OUTCOMES, counts, strict=True) if count}


def decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def side(spark: SparkSession, values: Mapping[str, Values | None]) -> DataFrame:
    """One row a case, each on a date of its own."""
    there = {DATES[name]: row for name, row in values.items() if row is not None}
    return spark.createDataFrame([("anna", day, decimal(mean), zone) for day, (mean, zone) in there.items()], COLUMNS)


@pytest.fixture(scope="module")
def agreed(spark: SparkSession) -> dict[datetime.date, dict[str, Any]]:
    sides = Sides(
        stored=side(spark, {name: case.stored for name, case in CASES.items()}),
        before=side(spark, {name: case.before for name, case in CASES.items()}),
        including=side(spark, {name: case.including for name, case in CASES.items()}),
    )
    rows = agreement(sides, ("player_lookup", "cache_date"), {"mean": 0.1, "zone": 0.0}).collect()
    return {row["game_date"]: row.asDict() for row in rows}


@pytest.mark.parametrize("name", CASES)
def test_stored_values_agree_with_one_recomputation_both_or_neither(
    agreed: dict[datetime.date, dict[str, Any]], name: str
) -> None:
    case, found = CASES[name], agreed[DATES[name]]
    assert found["rows"] == 1
    assert [named(found[name]) for name in (ROW, "mean", "zone")] == [case.row, case.mean, case.zone]


def test_rows_of_one_date_are_counted_together(spark: SparkSession) -> None:
    values = [("anna", "1.0"), ("bert", "2.0"), ("carl", "2.0")]
    stored = spark.createDataFrame([(player, NOVEMBER_1, Decimal(mean), "") for player, mean in values], COLUMNS)
    before, including = (
        spark.createDataFrame([(player, NOVEMBER_1, Decimal(mean), "") for player, _ in values], COLUMNS)
        for mean in ("1.0", "2.0")
    )
    (row,) = agreement(Sides(stored, before, including), ("player_lookup", "cache_date"), {"mean": 0.1}).collect()
    assert (row["rows"], named(row[ROW]), named(row["mean"])) == (
        3,
        {"both": 3},
        {"before_only": 1, "including_only": 2},
    )


@pytest.mark.parametrize(
    ("type_", "expected"),
    [(T.DecimalType(18, 4), 0.0001), (T.DoubleType(), 0.05), (T.LongType(), 0.0), (T.StringType(), 0.0)],
)
def test_the_tolerance_is_a_unit_of_the_last_decimal(type_: T.DataType, expected: float) -> None:
    assert tolerance_of(type_) == expected


def test_the_decimals_in_use_are_those_of_the_longest_value_of_enough(spark: SparkSession) -> None:
    values = {"whole": "3", "short": "1.5", "negative": "-0.25", "full": "0.1234", "few": "1.5"}
    schema = ", ".join(f"{name} decimal(18,4)" for name in values)
    rows: list[list[Decimal | None]] = [[Decimal("2")] * 5 for _ in range(18)]
    rows += [[Decimal(value) for value in values.values()]]
    # The twentieth value of all but the last column, and a row of NULLs.
    rows += [[*[Decimal("2")] * 4, None], [None] * 5]
    (found,) = used_decimals(spark.createDataFrame([tuple(row) for row in rows], schema), list(values)).collect()
    assert found.asDict() == {"whole": 0, "short": 1, "negative": 2, "full": 4, "few": None}


def test_columns_are_rounded_half_away_from_zero(spark: SparkSession) -> None:
    schema = "mean decimal(9,4), other decimal(9,4)"
    rows = spark.createDataFrame([(Decimal(text), Decimal(text)) for text in ("0.1250", "-0.1250", "0.1249")], schema)
    rounded = rounded_to(rows, {"mean": 2}).collect()
    assert [row["mean"] for row in rounded] == [Decimal("0.13"), Decimal("-0.13"), Decimal("0.12")]
    assert [row["other"] for row in rounded] == [Decimal("0.1250"), Decimal("-0.1250"), Decimal("0.1249")]


def test_rows_that_no_feature_row_used_are_left_out(spark: SparkSession) -> None:
    sources = ("daily_cache", "composite", "shot_zones", "team_defense")
    found = ", ".join(f"source_{name}_rows_found bigint" for name in sources)
    schema = f"player_lookup string, game_date date, opponent_team_abbr string, {found}"
    lines = [("anna", NOVEMBER_1, "OPP", 1, 0, 2, 1), ("bert", NOVEMBER_1, "FAR", 0, 0, 0, 0)]
    stored = spark.createDataFrame(lines, schema)
    of_players = [(player, day) for player in ("anna", "bert", "OPP") for day in (NOVEMBER_1, NOVEMBER_2)]
    of_teams = [(team, day) for team in ("OPP", "FAR", "anna") for day in (NOVEMBER_1, NOVEMBER_2)]
    tables = {
        "player_daily_cache": spark.createDataFrame(of_players, "player_lookup string, cache_date date"),
        "player_composite_factors": spark.createDataFrame(of_players, "player_lookup string, game_date date"),
        "player_shot_zone_analysis": spark.createDataFrame(of_players, "player_lookup string, analysis_date date"),
        "team_defense_zone_analysis": spark.createDataFrame(of_teams, "team_abbr string, analysis_date date"),
    }
    kept = {name: [tuple(row) for row in rows.collect()] for name, rows in used_rows(tables, stored).items()}
    assert kept == {
        "player_daily_cache": [("anna", NOVEMBER_1)],
        "player_composite_factors": [],
        "player_shot_zone_analysis": [("anna", NOVEMBER_1)],
        "team_defense_zone_analysis": [("OPP", NOVEMBER_1)],
    }
