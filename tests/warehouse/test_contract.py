"""The contract check on names and types: what is accepted, and what is said of what is not."""

from __future__ import annotations

import pytest
from pyspark.sql import types as T

from jobs.schemas.spark_types import spark_type
from jobs.schemas.tables import ML_FEATURE_STORE, NBAC_SCHEDULE, TABLES, TEAM_OFFENSE_GAME_SUMMARY
from jobs.warehouse.contract import FoundColumn, accepts, known_columns, left_alone, problems, target_problems
from jobs.warehouse.delta.types import found_type

TABLE = TEAM_OFFENSE_GAME_SUMMARY
AS_ASKED = [FoundColumn(column.name, column.type) for column in TABLE.columns]
TARGET = [FoundColumn(column.name, column.type, column.mode == "required") for column in ML_FEATURE_STORE.columns]


def changed(found: list[FoundColumn], name: str, type_: str) -> list[FoundColumn]:
    return [FoundColumn(column.name, type_ if column.name == name else column.type) for column in found]


def without(found: list[FoundColumn], name: str) -> list[FoundColumn]:
    return [column for column in found if column.name != name]


def test_a_table_as_asked_has_no_problem() -> None:
    assert problems(TABLE, AS_ASKED, "here") == []
    assert target_problems(ML_FEATURE_STORE, TARGET, "here") == []


def test_other_columns_are_no_problem_of_a_source() -> None:
    assert problems(TABLE, [*AS_ASKED, FoundColumn("possessions", "INT64", required=True)], "here") == []


def test_a_missing_column_is_named_with_its_type() -> None:
    assert problems(TABLE, without(AS_ASKED, "pace"), "a.b in /c") == [
        "table a.b in /c: column pace is missing (expected NUMERIC); add it to the table"
    ]


def test_a_column_of_another_type_is_named_with_both() -> None:
    assert problems(TABLE, changed(AS_ASKED, "pace", "STRING"), "a.b in /c") == [
        "table a.b in /c: column pace is STRING, expected NUMERIC; change its type in the table"
    ]


def test_all_problems_are_named_in_the_order_of_the_contract() -> None:
    found = changed(without(AS_ASKED, "season_year"), "win_flag", "INT64")
    assert [sentence.split(": ")[1].split()[1] for sentence in problems(TABLE, found, "here")] == [
        "season_year",
        "win_flag",
    ]


def test_an_optional_column_that_is_absent_or_of_another_type_is_left_alone_and_said() -> None:
    absent, other = without(TARGET, "feature_sources"), changed(TARGET, "feature_sources", "STRING")
    for found in (absent, other):
        assert target_problems(ML_FEATURE_STORE, found, "here") == []
        assert "feature_sources" not in [column.name for column in known_columns(ML_FEATURE_STORE, found)]
    assert left_alone(ML_FEATURE_STORE, TARGET) == []
    assert left_alone(ML_FEATURE_STORE, absent) == [
        "the target has no column feature_sources (ARRAY<STRING>); the others are written"
    ]
    assert left_alone(ML_FEATURE_STORE, other) == [
        "the target's column feature_sources is STRING, expected ARRAY<STRING>; it is left alone, the others are "
        "written"
    ]


PHASES = ["season_phase", "is_regular_season", "is_playoffs"]
SCHEDULED = [FoundColumn(column.name, column.type) for column in NBAC_SCHEDULE.columns if column.name not in PHASES]
SEASON_PHASE, *BOOLEANS = [FoundColumn(column.name, column.type) for column in map(NBAC_SCHEDULE.column, PHASES)]


def test_a_schedule_tells_the_phase_by_one_column_or_by_two_or_by_all_three() -> None:
    for phase in ([SEASON_PHASE], BOOLEANS, [SEASON_PHASE, *BOOLEANS]):
        assert problems(NBAC_SCHEDULE, [*SCHEDULED, *phase], "here") == []
        assert [column.name for column in known_columns(NBAC_SCHEDULE, phase)] == [column.name for column in phase]


@pytest.mark.parametrize("there", [[], *[[column] for column in BOOLEANS]])
def test_a_schedule_with_neither_or_with_one_boolean_gets_one_error_that_names_both_choices(
    there: list[FoundColumn],
) -> None:
    assert problems(NBAC_SCHEDULE, [*SCHEDULED, *there], "raw.schedule") == [
        "table raw.schedule: it needs season_phase (STRING) or is_regular_season and is_playoffs (BOOL), "
        "and has neither whole; add one of the two to the table"
    ]


def test_an_alternative_column_of_another_type_is_an_error() -> None:
    (sentence,) = problems(NBAC_SCHEDULE, [*SCHEDULED, FoundColumn("season_phase", "INT64"), *BOOLEANS], "here")
    assert "column season_phase is INT64, expected STRING" in sentence


def test_a_target_may_have_columns_of_its_own_that_allow_null() -> None:
    assert target_problems(ML_FEATURE_STORE, [*TARGET, FoundColumn("loaded_by", "STRING")], "here") == []
    assert target_problems(ML_FEATURE_STORE, [*TARGET, FoundColumn("loaded_by", "STRING", required=True)], "here") == [
        "table here: column loaded_by (STRING) is REQUIRED and not one that this job fills; drop it or let it be NULL"
    ]


def test_known_columns_are_those_of_the_contract_in_its_order() -> None:
    found = [FoundColumn("loaded_by", "STRING"), *reversed(without(TARGET, "feature_sources"))]
    expected = [column for column in ML_FEATURE_STORE.columns if column.name != "feature_sources"]
    assert known_columns(ML_FEATURE_STORE, found) == expected


@pytest.mark.parametrize("found", ["NUMERIC", "NUMERIC(5,1)", "NUMERIC(38,0)", "NUMERIC(10,9)"])
def test_numeric_takes_any_decimal(found: str) -> None:
    assert accepts("NUMERIC", found)


@pytest.mark.parametrize("found", ["FLOAT64", "INT64", "STRING", "BIGNUMERIC"])
def test_numeric_takes_nothing_else(found: str) -> None:
    assert not accepts("NUMERIC", found)


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        ("NUMERIC(5,2)", True),
        ("NUMERIC(38,9)", True),
        ("NUMERIC", True),
        ("NUMERIC(6,3)", True),
        ("NUMERIC(5,3)", False),
        ("NUMERIC(5,1)", False),
        ("NUMERIC(4,2)", False),
    ],
)
def test_a_bounded_numeric_takes_those_that_hold_all_its_values(found: str, fits: bool) -> None:
    assert accepts("NUMERIC(5,2)", found) == fits


@pytest.mark.parametrize(
    ("expected", "found"),
    [("INT64", "FLOAT64"), ("DATE", "TIMESTAMP"), ("TIMESTAMP", "DATE"), ("BOOL", "INT64"), ("STRING", "INT64")],
)
def test_other_types_are_themselves(expected: str, found: str) -> None:
    assert accepts(expected, expected)
    assert not accepts(expected, found)


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (T.ByteType(), "INT64"),
        (T.ShortType(), "INT64"),
        (T.IntegerType(), "INT64"),
        (T.LongType(), "INT64"),
        (T.FloatType(), "FLOAT64"),
        (T.DoubleType(), "FLOAT64"),
        (T.DecimalType(9, 4), "NUMERIC(9,4)"),
        (T.ArrayType(T.DoubleType()), "ARRAY<FLOAT64>"),
        (T.TimestampNTZType(), "TIMESTAMP_NTZ"),
        (T.BinaryType(), "BINARY"),
    ],
)
def test_delta_types_in_the_words_of_the_contract(type_: T.DataType, expected: str) -> None:
    assert found_type(type_) == expected


def test_every_table_is_accepted_as_we_create_it() -> None:
    for table in TABLES:
        found = [FoundColumn(column.name, found_type(spark_type(column.type))) for column in table.columns]
        assert problems(table, found, "here") == [], table.name
