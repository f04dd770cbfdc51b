"""The data hash: first 16 hex characters of the SHA-256 of a compact JSON array of a row's columns.

The same values give the same text, so the same hash, on any machine, partitioning and Spark version.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

HASH_LENGTH = 16
DECIMALS = 9
_NEEDS_ESCAPE = r'[\x00-\x1f"\\]'

HASHED_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("player_lookup", "universal_player_id"), "string"),
    "game_date": "quoted",
    "game_id": "string",
    "features": "text",
    "feature_names": "words",
    "feature_count": "plain",
    "feature_version": "quoted",
    "feature_quality_score": "decimal",
    "opponent_team_abbr": "string",
    **dict.fromkeys(("is_home", "days_rest"), "plain"),
    "data_source": "quoted",
    "early_season_flag": "plain",
    "insufficient_data_reason": "quoted",
    **dict.fromkeys(("expected_games_count", "actual_games_count", "is_production_ready"), "plain"),
    "data_quality_issues": "words",
    "processing_decision_reason": "quoted",
    **{
        f"source_{source}_{column}": form
        for source in ("daily_cache", "composite", "shot_zones", "team_defense")
        for column, form in (("rows_found", "plain"), ("completeness_pct", "decimal"), ("hash", "string"))
    },
}
"""The hashed columns in order, each with the form of its text."""


def fixed_decimals(number: Column) -> Column:
    """A number as a quoted string with 9 decimals, half away from zero, never negative zero; NULL stays NULL."""
    return F.concat(F.lit('"'), number.cast(T.DecimalType(38, DECIMALS)).cast("string"), F.lit('"'))


def json_string(text: Column) -> Column:
    """A string as JSON, quoted and escaped; NULL stays NULL."""
    in_array = F.to_json(F.array(text))
    escaped = in_array.substr(F.lit(2), F.length(in_array) - F.lit(2))
    plain = F.concat(F.lit('"'), text, F.lit('"'))
    return F.when(text.rlike(_NEEDS_ESCAPE), escaped).otherwise(plain)


def words(array: Column) -> Column:
    """An array of plain words (nothing to escape) as a JSON array."""
    listed = F.concat(F.lit('["'), F.concat_ws('","', array), F.lit('"]'))
    return F.when(F.size(array) > 0, listed).otherwise(F.lit("[]"))


def data_hash(values: Mapping[str, Column]) -> Column:
    """The hash of one row.

    `values` holds each of `HASHED_COLUMNS` by name; `features` as the text of its numbers (each from `fixed_decimals`,
    joined by commas; empty for a placeholder), the others as they are written.
    """
    texts = [F.coalesce(_text(values[name], form), F.lit("null")) for name, form in HASHED_COLUMNS.items()]
    json = F.concat(F.lit("["), F.concat_ws(",", *texts), F.lit("]"))
    return F.substring(F.sha2(json, 256), 1, HASH_LENGTH)


def _text(value: Column, form: str) -> Column:
    if form == "string":
        return json_string(value)
    if form == "quoted":
        return F.concat(F.lit('"'), value.cast("string"), F.lit('"'))
    if form == "text":
        return F.concat(F.lit("["), value, F.lit("]"))
    if form == "words":
        return words(value)
    if form == "decimal":
        return fixed_decimals(value)
    return value.cast("string")
