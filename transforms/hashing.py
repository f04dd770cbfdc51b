"""The data hash: first 16 hex characters of the SHA-256 of a compact JSON array of a row's columns.

The same values give the same text, so the same hash, on any machine, partitioning and Spark version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.catalogue import SOURCE_KINDS, SourceKind

HASH_LENGTH = 16
_UNITS = 1e9
_LARGEST = 9e18
_ESCAPED = r'["\\\x00-\x1f]'
_SHORT_ESCAPES = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}
_CONTROL_ESCAPES = {
    character: _SHORT_ESCAPES.get(character, f"\\u{ord(character):04x}") for character in map(chr, range(0x20))
}
_LETTERS: Mapping[SourceKind, str] = {"phase4": "4", "phase3": "3", "calculated": "c", "default": "d"}

FEATURES, SOURCES = "features", "sources"
"""The two hashed values that are not written as the column of their name is."""
HASHED_VALUES: Mapping[str, str] = {
    **dict.fromkeys(("player_lookup", "universal_player_id"), "string"),
    "game_date": "quoted",
    "game_id": "string",
    FEATURES: "text",
    SOURCES: "quoted",
    "feature_count": "plain",
    "feature_version": "quoted",
    "feature_quality_score": "number",
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
        for column, form in (("rows_found", "plain"), ("completeness_pct", "number"), ("hash", "string"))
    },
}
"""What is hashed, in order, each with the form of its text: the columns of those names, but for the first two."""
HASHED_COLUMNS = tuple(name for name in HASHED_VALUES if name not in (FEATURES, SOURCES))


def billionths(number: Column) -> Column:
    """A double or DECIMAL, not NULL, as a whole number of 1e-9, half away from zero, held where a BIGINT holds it.

    Doubles all the way, by operations that every engine rounds alike: no text of a decimal, which versions differ in.
    """
    value = number.cast("double")
    units = value * F.lit(_UNITS) + F.signum(value) * F.lit(0.5)
    return F.least(F.greatest(units, F.lit(-_LARGEST)), F.lit(_LARGEST)).cast("bigint")


def number_text(number: Column) -> Column:
    """A number as it is hashed; NULL stays NULL."""
    return F.when(number.isNotNull(), billionths(number).cast("string"))


def numbers_text(numbers: Sequence[Column]) -> Column:
    """Numbers as they are hashed, joined by commas; none of them may be NULL."""
    return F.concat_ws(",", *[billionths(number).cast("string") for number in numbers])


def sources_text(kinds: Sequence[Column]) -> Column:
    """The sources of the features as letters; each is a place in `SOURCE_KINDS`."""
    letters = F.array(*[F.lit(_LETTERS[kind]) for kind in SOURCE_KINDS])
    return F.concat(*[letters[kind] for kind in kinds])


def letters_of(sources: Column) -> Column:
    """An array of sources by name as letters; a name that no source has is a question mark."""

    def letter(source: Column) -> Column:
        found = F.lit("?")
        for kind, sign in _LETTERS.items():
            found = F.when(source == kind, F.lit(sign)).otherwise(found)
        return found

    return F.array_join(F.transform(sources, letter), "")


def is_escaped(texts: Sequence[Column]) -> Column:
    """Whether a character of these strings stands otherwise in JSON; in nearly no row, where one look tells of all."""
    return F.concat_ws("", *texts).rlike(_ESCAPED)


def quoted(text: Column, escaped: Column) -> Column:
    """A string as JSON but for its control characters, which `escape_controls` sees to; NULL stays NULL.

    `escaped` is `is_escaped` of the row's strings.
    """
    replaced = F.replace(F.replace(text, F.lit("\\"), F.lit("\\\\")), F.lit('"'), F.lit('\\"'))
    return F.concat(F.lit('"'), F.when(escaped, replaced).otherwise(text), F.lit('"'))


def escape_controls(json: Column, escaped: Column) -> Column:
    """JSON with the control characters in its strings escaped, lower case as RFC 8785 has it.

    Nearly no row has one, so that a look at the strings is all that it costs; `to_json` would write upper case.
    """
    replaced = json
    for character, escape in _CONTROL_ESCAPES.items():
        replaced = F.replace(replaced, F.lit(character), F.lit(escape))
    return F.when(escaped, replaced).otherwise(json)


def words(array: Column) -> Column:
    """An array of plain words (nothing to escape) as a JSON array."""
    listed = F.concat(F.lit('["'), F.concat_ws('","', array), F.lit('"]'))
    return F.when(F.size(array) > 0, listed).otherwise(F.lit("[]"))


def data_hash(values: Mapping[str, Column]) -> Column:
    """The hash of one row.

    `values` holds each of `HASHED_VALUES` by name: `features` as `numbers_text` and `sources` as letters, both empty
    for a placeholder; the others as they are written.
    """
    escaped = is_escaped([values[name] for name, form in HASHED_VALUES.items() if form == "string"])
    texts = [F.coalesce(_text(values[name], form, escaped), F.lit("null")) for name, form in HASHED_VALUES.items()]
    json = F.concat(F.lit("["), F.concat_ws(",", *texts), F.lit("]"))
    return F.substring(F.sha2(escape_controls(json, escaped), 256), 1, HASH_LENGTH)


def _text(value: Column, form: str, escaped: Column) -> Column:
    if form == "string":
        return quoted(value, escaped)
    if form == "quoted":
        return F.concat(F.lit('"'), value.cast("string"), F.lit('"'))
    if form == "text":
        return F.concat(F.lit("["), value, F.lit("]"))
    if form == "words":
        return words(value)
    return number_text(value) if form == "number" else value.cast("string")
