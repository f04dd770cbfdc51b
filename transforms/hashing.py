"""The data hash: first 16 hex characters of the SHA-256 of a compact JSON array of a row's columns.

The same values give the same text, so the same hash, on any machine, partitioning and Spark version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

HASH_LENGTH = 16
_LARGEST = 9.9e28
_CONTROL = r"[\x00-\x1f]"
_SHORT_ESCAPES = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}
_CONTROL_ESCAPES = {
    character: _SHORT_ESCAPES.get(character, f"\\u{ord(character):04x}") for character in map(chr, range(0x20))
}

HASHED_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("player_lookup", "universal_player_id"), "string"),
    "game_date": "quoted",
    "game_id": "string",
    "features": "text",
    "feature_names": "words",
    "feature_count": "plain",
    "feature_version": "quoted",
    "feature_quality_score": "hundredths",
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
        for column, form in (("rows_found", "plain"), ("completeness_pct", "hundredths"), ("hash", "string"))
    },
}
"""The hashed columns in order, each with the form of its text."""


def fixed_decimals(numbers: Sequence[Column]) -> Column:
    """Doubles as quoted strings with 9 decimals, half away from zero, never negative zero, joined by commas.

    A double counts as the shortest decimal that means it. None of them may be NULL. What DECIMAL(38, 9) cannot hold
    is written as the largest that it can: no hash of such a value is worth an overflow that ends the run.
    """
    within = [F.least(F.greatest(number, F.lit(-_LARGEST)), F.lit(_LARGEST)) for number in numbers]
    texts = [F.concat(F.lit('"'), number.cast("decimal(38,9)").cast("string"), F.lit('"')) for number in within]
    return _without_exponents(F.concat_ws(",", *texts))


def _without_exponents(numbers: Column) -> Column:
    """Spark 3.5 writes a decimal below 0.000001 as 0E-9, 1E-9, 1.2E-8 or 1.23E-7; Spark 4 in full, as this does.

    Once a row, not once a number: an expression that is repeated for 25 numbers costs more than all their digits.
    """
    with_zeros = F.replace(numbers, F.lit('"0E-9"'), F.lit('"0.000000000"'))
    in_full = F.regexp_replace(with_zeros, r"(\d)\.(\d\d)E-7", "0.000000$1$2")
    in_full = F.regexp_replace(in_full, r"(\d)\.(\d)E-8", "0.0000000$1$2")
    in_full = F.regexp_replace(in_full, r"(\d)E-9", "0.00000000$1")
    return F.when(with_zeros.contains("E-"), in_full).otherwise(with_zeros)


def quoted(text: Column) -> Column:
    """A string as JSON but for its control characters, which `escape_controls` sees to; NULL stays NULL."""
    without_backslashes = F.replace(text, F.lit("\\"), F.lit("\\\\"))
    return F.concat(F.lit('"'), F.replace(without_backslashes, F.lit('"'), F.lit('\\"')), F.lit('"'))


def escape_controls(json: Column, texts: Sequence[Column]) -> Column:
    """JSON with the control characters in its strings escaped, lower case as RFC 8785 has it; `texts` are its strings.

    Nearly no row has one, so that a look at the strings is all that it costs; `to_json` would write upper case.
    """
    escaped = json
    for character, escape in _CONTROL_ESCAPES.items():
        escaped = F.replace(escaped, F.lit(character), F.lit(escape))
    return F.when(F.concat_ws("", *texts).rlike(_CONTROL), escaped).otherwise(json)


def words(array: Column) -> Column:
    """An array of plain words (nothing to escape) as a JSON array."""
    listed = F.concat(F.lit('["'), F.concat_ws('","', array), F.lit('"]'))
    return F.when(F.size(array) > 0, listed).otherwise(F.lit("[]"))


def data_hash(values: Mapping[str, Column]) -> Column:
    """The hash of one row.

    `values` holds each of `HASHED_COLUMNS` by name; `features` as the text of its numbers (from `fixed_decimals`;
    empty for a placeholder), the others as they are written.
    """
    texts = [F.coalesce(_text(values[name], form), F.lit("null")) for name, form in HASHED_COLUMNS.items()]
    json = F.concat(F.lit("["), F.concat_ws(",", *texts), F.lit("]"))
    strings = [values[name] for name, form in HASHED_COLUMNS.items() if form == "string"]
    return F.substring(F.sha2(escape_controls(json, strings), 256), 1, HASH_LENGTH)


def _text(value: Column, form: str) -> Column:
    if form == "string":
        return quoted(value)
    if form == "quoted":
        return F.concat(F.lit('"'), value.cast("string"), F.lit('"'))
    if form == "text":
        return F.concat(F.lit("["), value, F.lit("]"))
    if form == "words":
        return words(value)
    if form == "hundredths":
        # Two decimals are never written with an exponent, and seven zeros make them nine.
        return F.concat(F.lit('"'), value.cast("decimal(5,2)").cast("string"), F.lit('0000000"'))
    return value.cast("string")
