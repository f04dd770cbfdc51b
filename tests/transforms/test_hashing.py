"""The data hash, pinned against Python's own json and hashlib."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.schemas.tables import ML_FEATURE_STORE
from tests.transforms.independent_hash import COLUMNS, independent_hash, json_text
from tests.transforms.rows import Values
from transforms.hashing import HASHED_COLUMNS, data_hash, fixed_decimals

PLAIN: Values = {
    **dict.fromkeys(COLUMNS),
    "player_lookup": "lebronjames",
    "game_date": datetime.date(2022, 1, 15),
    "game_id": "0022100640",
    "features": [25.4, 0.333333333333, -2.5, 100.0],
    "feature_names": ["points_avg_last_5", "points_avg_last_10"],
    "feature_count": 25,
    "feature_version": "v1_baseline_25",
    "feature_quality_score": Decimal("97.00"),
    "is_home": True,
    "days_rest": 2,
    "data_source": "phase4",
    "early_season_flag": False,
    "data_quality_issues": ["own_data_incomplete"],
    "source_daily_cache_completeness_pct": Decimal("66.67"),
    "source_daily_cache_hash": "a1b2",
}
CASES: dict[str, Values] = {
    "plain values": {},
    "text with characters that JSON escapes": {
        "player_lookup": 'o"neal\\\b\f\n\r\t',
        "game_id": "\x00\x01\x0b\x1b\x1f",
    },
    "text with characters that JSON does not escape": {"player_lookup": "a/b'c\x7f\u2028<>&"},
    "text beyond ASCII": {"player_lookup": "dončić 東京 🏀", "universal_player_id": 'é"🏀"'},
    "empty text is not NULL": {"player_lookup": "", "universal_player_id": ""},
    "NULL in every column that may be NULL": {
        **dict.fromkeys(COLUMNS),
        **{name: PLAIN[name] for name in ("player_lookup", "features", "feature_names", "data_quality_issues")},
    },
    "the word null is not NULL": {"universal_player_id": "null", "source_composite_hash": "NULL"},
    "zero and negative zero": {"features": [0.0, -0.0, 0.0, -0.0], "feature_quality_score": Decimal("0.00")},
    "numbers below the sixth decimal": {"features": [1e-7, 0.000000123, -2.5e-8, 1.5e-9]},
    "rounding at the ninth decimal, half away from zero": {"features": [5e-10, -5e-10, 1.0000000015, 4.9e-10]},
    "a negative number that rounds to zero": {"features": [-0.0000000004, 0.0000000004, -0.0, 1.0]},
    "large numbers": {"features": [123456789.123456789, 1e15, -1e15, 1e22]},
    "no features and no issues": {"features": [], "data_quality_issues": [], "feature_count": 0},
    "false and negative integers": {"is_home": False, "days_rest": -1},
}


def case_row(name: str) -> dict[str, Any]:
    return {**PLAIN, **CASES[name]}


@pytest.fixture(scope="module")
def hashes(spark: SparkSession) -> dict[str, str]:
    fields = [T.StructField(name, ML_FEATURE_STORE.column(name).spark_type) for name in COLUMNS]
    rows = [(name, *case_row(name).values()) for name in CASES]
    frame = spark.createDataFrame(rows, T.StructType([T.StructField("case", T.StringType()), *fields]))
    values = {name: F.col(name) for name in COLUMNS}
    numbers = fixed_decimals([F.coalesce(F.col("features")[index], F.lit(0.0)) for index in range(4)])
    text_of_features = F.when(F.size("features") > 0, numbers).otherwise(F.lit(""))
    found = frame.select("case", data_hash({**values, "features": text_of_features}).alias("data_hash")).collect()
    return {row["case"]: row["data_hash"] for row in found}


def test_the_hashed_columns_are_those_of_the_specification_in_order() -> None:
    assert list(HASHED_COLUMNS) == COLUMNS


@pytest.mark.parametrize("case", CASES)
def test_the_hash_is_the_sha_256_of_the_compact_json_of(case: str, hashes: dict[str, str]) -> None:
    assert hashes[case] == independent_hash(case_row(case)), json_text(case_row(case))


def test_the_hash_is_pinned(hashes: dict[str, str]) -> None:
    assert hashes["plain values"] == "920030a8fdca09c6"


def test_the_text_of_zero_has_nine_decimals_and_no_sign() -> None:
    assert '["0.000000000","0.000000000","0.000000000","0.000000000"]' in json_text(case_row("zero and negative zero"))


def test_different_values_have_different_hashes(hashes: dict[str, str]) -> None:
    assert len(set(hashes.values())) == len(CASES)
