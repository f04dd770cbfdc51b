"""The checks of a feature store: what must hold of each of its rows, of each key and of each game date.

Says what is at fault and where; what becomes of that is the jobs' business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.catalogue import FEATURE_NAMES, FEATURES
from transforms.findings import of_all_dates, of_each_date
from transforms.hashing import FEATURES as HASHED_FEATURES
from transforms.hashing import HASHED_COLUMNS, SOURCES, data_hash, letters_of, numbers_text

FEATURE_SOURCES = "feature_sources"
"""The column of the store, which it need not have, without which no hash can be computed again."""
_KEY = ("player_lookup", "game_date")
_FAULTS = "array<struct<kind: string, detail: string, rows: bigint>>"


@dataclass(frozen=True)
class Check:
    """One check: `meaning` is what holds when it does not fail, `unit` what is counted of its failures."""

    name: str
    meaning: str
    unit: Literal["rows", "dates"] = "rows"


CHECKS = (
    Check("duplicate_keys", "every (player_lookup, game_date) is there once"),
    Check("required_columns", "no NULL in a column that must hold a value"),
    Check("feature_count", f"{len(FEATURES)} features, or none in a placeholder of the early season"),
    Check("finite_features", "no feature is NULL, NaN or infinite"),
    Check("feature_ranges", "every feature is within the bounds of the catalogue"),
    Check("hash_set", "data_hash is there"),
    Check("hash_equal", "data_hash is the hash of the row's columns"),
    Check("orphans", "every row has a row of context"),
    Check("dates_without_rows", "every game date with rows of context has rows", "dates"),
)
STORED = "stored_rows"
"""The kind that counts all rows of the store, and the dates that have some."""


def found_faults(rows: DataFrame, context: DataFrame, *, required: Sequence[str], most: int) -> DataFrame:
    """What is at fault in a feature store.

    Input: `rows` of the store, any number per key, with the columns of its contract, of them `required` without a NULL;
    `context`, any number of rows per (player_lookup, game_date), of the same dates. Output: one row per kind of fault
    (the name of a check, or `STORED`): `rows` at fault (dates for the last check; of a duplicated key all rows but
    one), and `examples`, at most `most`: an array of `game_date`, `player_lookup`, `detail`. A check without a row
    there found nothing. A row is looked at for ranges and for its hash's value only when it has all its features,
    finite, and a hash; for the hash's value only where the store has `feature_sources`.
    """
    faults_of_rows = _row_faults(required).alias("faults")
    stored = _measured(rows).select(*_KEY, F.lit(1).alias("stored"), F.lit(0).alias("known"), faults_of_rows)
    has_key = F.col("player_lookup").isNotNull() & F.col("game_date").isNotNull()
    known = context.where(has_key).select(
        *_KEY, F.lit(0).alias("stored"), F.lit(1).alias("known"), F.array().cast(_FAULTS).alias("faults")
    )
    by_key = (
        stored.unionByName(known)
        .groupBy(*_KEY)
        .agg(
            F.sum("stored").alias("stored"),
            F.max("known").alias("known"),
            F.flatten(F.collect_list("faults")).alias("faults"),
        )
    )
    faults = by_key.select(*_KEY, F.explode(F.concat("faults", _key_faults())).alias("fault"))
    example = F.struct("game_date", "player_lookup", "fault.detail")
    is_fault = F.col("fault.kind") != STORED
    findings = faults.select("fault.kind", "game_date", "fault.rows", F.when(is_fault, example).alias("example"))
    return of_all_dates(_with_empty_dates(of_each_date(findings, most)), most)


def _key_faults() -> Column:
    stored = F.col("stored")
    duplicated = F.when(stored > 1, F.concat(stored.cast("string"), F.lit(" rows")))
    orphan = F.when((stored > 0) & (F.col("known") == 0), F.lit("no row of context"))
    return _present(
        _fault(STORED, F.lit(""), stored),
        _fault("duplicate_keys", duplicated, stored - 1),
        _fault("orphans", orphan, stored),
    )


def _with_empty_dates(of_dates: DataFrame) -> DataFrame:
    """The same rows, but for the count of a date that has context and no row: that is a fault."""
    is_empty = (F.col("kind") == STORED) & (F.col("rows") == 0)
    nobody = F.lit(None).cast("string")
    example = F.array(F.struct("game_date", nobody.alias("player_lookup"), nobody.alias("detail")))
    return of_dates.select(
        F.when(is_empty, F.lit("dates_without_rows")).otherwise(F.col("kind")).alias("kind"),
        F.when(is_empty, F.lit(1)).otherwise(F.col("rows")).alias("rows"),
        F.when(is_empty, example).otherwise(F.col("examples")).alias("examples"),
    )


def _measured(rows: DataFrame) -> DataFrame:
    """The same rows with what several checks look at, once: `wrong_count`, `not_finite` (texts), `recomputed`."""
    # In a step of its own, as the engine has it: the hash would repeat the text of 25 numbers several times.
    sources = stored_sources() if FEATURE_SOURCES in rows.columns else F.lit(None).cast("string")
    with_text = rows.select(
        "*",
        features_text().alias("features_text"),
        sources.alias("sources_text"),
        _wrong_count().alias("wrong_count"),
        _not_finite().alias("not_finite"),
    )
    return with_text.select("*", recomputed_hash().alias("recomputed"))


def _row_faults(required: Sequence[str]) -> Column:
    """The faults of one measured row by itself: an array of `kind`, `detail`, `rows` (1); empty for a good row."""
    nulls = F.concat_ws(", ", *[F.when(F.col(name).isNull(), F.lit(name)) for name in required])
    stored_hash, recomputed = F.col("data_hash"), F.col("recomputed")
    is_set = F.coalesce(stored_hash != "", F.lit(False))
    both_hashes = F.concat(F.lit("is "), stored_hash, F.lit(", computed "), recomputed)
    measurable = F.col("wrong_count").isNull() & F.col("not_finite").isNull()
    is_other = F.coalesce(stored_hash != recomputed, F.lit(False))
    return _present(
        _fault("required_columns", F.when(nulls != "", nulls)),
        _fault("feature_count", F.col("wrong_count")),
        _fault("finite_features", F.col("not_finite")),
        _fault("feature_ranges", F.when(measurable, _out_of_range())),
        _fault("hash_set", F.when(~is_set, F.lit("no data_hash"))),
        _fault("hash_equal", F.when(measurable & is_set & is_other, both_hashes)),
    )


def is_placeholder() -> Column:
    """Whether a row of the store stands for a player of the early season, without features; never NULL."""
    return F.coalesce(F.col("early_season_flag"), F.lit(False))


def features_text() -> Column:
    """The stored features as they are hashed; of a row that lacks some, a text that nothing is compared with."""
    numbers = [F.get("features", F.lit(feature.index)) for feature in FEATURES]
    return F.when(is_placeholder(), F.lit("")).otherwise(numbers_text(numbers))


def stored_sources() -> Column:
    """The stored sources as they are hashed."""
    return F.when(is_placeholder(), F.lit("")).otherwise(letters_of(F.col(FEATURE_SOURCES)))


def recomputed_hash() -> Column:
    """The `data_hash` that a row's stored columns have, of a row with `features_text` and `sources_text`.

    NULL where the sources are not known: they are hashed, and a store need not keep them.
    """
    hashed = {
        **{name: F.col(name) for name in HASHED_COLUMNS},
        HASHED_FEATURES: F.col("features_text"),
        SOURCES: F.col("sources_text"),
    }
    return F.when(F.col("sources_text").isNotNull(), data_hash(hashed))


def _wrong_count() -> Column:
    size = F.coalesce(F.when(F.col("features").isNotNull(), F.size("features")), F.lit(0))
    expected = F.when(is_placeholder(), F.lit(0)).otherwise(F.lit(len(FEATURES)))
    is_right = (size == expected) & F.coalesce(F.col("feature_count") == expected, F.lit(False))
    kind = F.when(is_placeholder(), F.lit(" in a placeholder")).otherwise(F.lit(""))
    count = F.coalesce(F.col("feature_count").cast("string"), F.lit("NULL"))
    return F.when(~is_right, F.concat(size.cast("string"), F.lit(" features, feature_count "), count, kind))


def _not_finite() -> Column:
    """The elements that are not finite, by name; one that is not there is the business of the count."""
    named = F.transform("features", lambda value, place: F.when(_is_not_finite(value), _shown(value, place)))
    # Only rows at fault pay for the names.
    spoiled = F.coalesce(F.exists("features", _is_not_finite), F.lit(False))
    return F.when(spoiled, F.array_join(named, ", "))


def _is_not_finite(value: Column) -> Column:
    """Infinity minus itself is NaN: one comparison finds both."""
    return value.isNull() | F.isnan(value - value)


def _out_of_range() -> Column:
    """The features beyond their bounds, by name; a feature without a bound has NULL there."""
    lowest, highest = (
        F.array(*[F.lit(bound).cast("double") for bound in bounds])
        for bounds in zip(*[(feature.lowest, feature.highest) for feature in FEATURES], strict=True)
    )

    def beyond(value: Column, place: Column) -> Column:
        return F.when((value < F.get(lowest, place)) | (value > F.get(highest, place)), _shown(value, place))

    listed = F.array_join(F.transform("features", beyond), ", ")
    return F.when(listed != "", listed)


def _shown(value: Column, place: Column) -> Column:
    name = F.coalesce(F.get(F.array(*map(F.lit, FEATURE_NAMES)), place), F.lit("beyond the last feature:"))
    return F.concat(name, F.lit(" "), F.coalesce(value.cast("string"), F.lit("NULL")))


def _fault(kind: str, detail: Column, rows: Column | None = None) -> Column:
    number = F.lit(1) if rows is None else rows
    return F.struct(F.lit(kind).alias("kind"), detail.alias("detail"), number.cast("bigint").alias("rows"))


def _present(*faults: Column) -> Column:
    return F.filter(F.array(*faults), lambda fault: fault["detail"].isNotNull()).cast(_FAULTS)
