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
from transforms.hashing import HASHED_COLUMNS, HASHED_VALUES, data_hash, letters_of, numbers_text

PLAIN: Values = {
    **dict.fromkeys(COLUMNS),
    "player_lookup": "lebronjames",
    "game_date": datetime.date(2022, 1, 15),
    "game_id": "0022100640",
    "features": [25.4, 0.333333333333, -2.5, 100.0],
    "feature_sources": ["phase4", "phase3", "calculated", "default"],
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
        **{name: PLAIN[name] for name in ("player_lookup", "features", "feature_sources", "data_quality_issues")},
    },
    "the word null is not NULL": {"universal_player_id": "null", "source_composite_hash": "NULL"},
    "zero and negative zero": {"features": [0.0, -0.0, 0.0, -0.0], "feature_quality_score": Decimal("0.00")},
    "numbers below the sixth decimal": {"features": [1e-7, 0.000000123, -2.5e-8, 1.5e-9]},
    "rounding at the ninth decimal, half away from zero": {"features": [5e-10, -5e-10, 1.0000000015, 4.9e-10]},
    "a negative number that rounds to zero": {"features": [-0.0000000004, 0.0000000004, -0.0, 1.0]},
    "large numbers": {"features": [123456789.123456789, 8.9e9, -8.9e9, 4503599.627370497]},
    "beyond what is held": {"features": [1e15, -1e15, 9e9, 1e300]},
    "other sources": {"feature_sources": ["default", "phase4"]},
    "no features, no sources and no issues": {
        "features": [],
        "feature_sources": [],
        "data_quality_issues": [],
        "feature_count": 0,
    },
    "false and negative integers": {"is_home": False, "days_rest": -1},
}


def case_row(name: str) -> dict[str, Any]:
    return {**PLAIN, **CASES[name]}


@pytest.fixture(scope="module")
def hashes(spark: SparkSession) -> dict[str, str]:
    fields = [T.StructField(name, ML_FEATURE_STORE.column(name).spark_type) for name in COLUMNS]
    rows = [(name, *case_row(name).values()) for name in CASES]
    frame = spark.createDataFrame(rows, T.StructType([T.StructField("case", T.StringType()), *fields]))
    numbers = numbers_text([F.coalesce(F.col("features")[index], F.lit(0.0)) for index in range(4)])
    values = {
        **{name: F.col(name) for name in HASHED_COLUMNS},
        "features": F.when(F.size("features") > 0, numbers).otherwise(F.lit("")),
        "sources": letters_of(F.col("feature_sources")),
    }
    found = frame.select("case", data_hash(values).alias("data_hash")).collect()
    return {row["case"]: row["data_hash"] for row in found}


def test_the_hashed_columns_are_those_of_the_specification_in_order() -> None:
    assert list(HASHED_VALUES) == ["sources" if name == "feature_sources" else name for name in COLUMNS]


@pytest.mark.parametrize("case", CASES)
def test_the_hash_is_the_sha_256_of_the_compact_json_of(case: str, hashes: dict[str, str]) -> None:
    assert hashes[case] == independent_hash(case_row(case)), json_text(case_row(case))


def test_the_hash_is_pinned(hashes: dict[str, str]) -> None:
    assert hashes["plain values"] == "af48bd09583fe3d8"


def test_numbers_are_whole_numbers_of_billionths_and_sources_letters() -> None:
    assert '[25400000000,333333333,-2500000000,100000000000],"43cd",25,' in json_text(PLAIN)


def test_different_values_have_different_hashes(hashes: dict[str, str]) -> None:
    assert len(set(hashes.values())) == len(CASES)
