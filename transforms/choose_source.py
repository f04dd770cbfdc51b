"""Each feature's value and where it came from: phase 4, else computed, else the constant; and the scores of that.

Reads the catalogue; knows no feature by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add, or_

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.catalogue import (
    FEATURES,
    SOURCE_KINDS,
    SOURCE_WEIGHTS,
    WITH_PHASE4,
    Feature,
    Phase4Source,
    SourceKind,
)
from transforms.hashing import numbers_text, sources_text
from transforms.precomputed_lookup import TABLE_OF_SOURCE


def candidate_columns(computed: Mapping[str, Column]) -> list[Column]:
    """For every feature its phase 4 value and its computed value, as doubles; a NULL or NaN is missing.

    `computed` holds the computed columns by the features' names. Columns `phase4_I` and `computed_I` of feature I, and
    `out_of_range`: the pre-computed columns (as table.column) whose turn came with a value outside of the feature's
    range.
    """
    columns = []
    for feature in FEATURES:
        if feature.phase4:
            first = F.coalesce(*[phase4_value(source) for source in feature.phase4])
            columns.append(first.alias(f"phase4_{feature.index}"))
        if feature.computed is not None:
            columns.append(_not_nan(computed[feature.name].cast("double")).alias(f"computed_{feature.index}"))
    return [*columns, _out_of_range().alias("out_of_range")]


def phase4_value(source: Phase4Source) -> Column:
    """The value of one pre-computed source in the feature's unit, as a double; NULL when missing or out of range."""
    value = _stored_value(source)
    return F.when(~_is_beyond(source, value), value)


def _stored_value(source: Phase4Source) -> Column:
    value = _not_nan(F.col(f"{source.source}.{source.column}").cast("double"))
    return value if source.divisor == 1.0 else value / F.lit(source.divisor)


def _is_beyond(source: Phase4Source, value: Column) -> Column:
    lowest = F.lit(False) if source.lowest is None else value < F.lit(float(source.lowest))
    highest = F.lit(False) if source.highest is None else value > F.lit(float(source.highest))
    return lowest | highest


def _out_of_range() -> Column:
    """The columns whose value was asked for and is out of range, as table.column."""
    beyond: dict[str, Column] = {}
    for feature in FEATURES:
        turn_came = F.lit(True)
        for source in (*feature.phase4, *feature.also_read):
            is_beyond = F.coalesce(_is_beyond(source, _stored_value(source)), F.lit(False))
            beyond[f"{TABLE_OF_SOURCE[source.source]}.{source.column}"] = turn_came & is_beyond
            turn_came = turn_came & phase4_value(source).isNull()
    none = F.array().cast("array<string>")
    named = [F.when(is_beyond, F.lit(name)).otherwise(F.lit("")) for name, is_beyond in beyond.items()]
    # Nearly no row has one, so that the array is made for those alone.
    return F.when(reduce(or_, beyond.values()), F.array_remove(F.array(*named), "")).otherwise(none)


def _not_nan(value: Column) -> Column:
    return F.when(~F.isnan(value), value)


def value_columns() -> list[Column]:
    """Each feature's value and the kind of its source, from a row of candidates.

    Columns `value_I` (double, never NULL) and `kind_I` (place in `SOURCE_KINDS`) of feature I.
    """
    values = [_value(feature).alias(f"value_{feature.index}") for feature in FEATURES]
    return values + [_kind(feature).alias(f"kind_{feature.index}") for feature in FEATURES]


def chosen_columns() -> list[Column]:
    """The feature vector of a row with `value_columns`, and what it is made of.

    `features` and `feature_sources` (arrays of 25), `features_text` and `sources_text` (both as they are hashed),
    `weights` (sum of the 25 source weights), `phase4_features` and `phase3_features` (of the 16 features that have a
    phase 4 source, how many took it and how many were computed by window), `default_feature_indices` (those that took
    their constant, ascending), `not_finite` (name of the first feature that is not finite, else NULL).
    """
    values = [F.col(f"value_{feature.index}") for feature in FEATURES]
    kinds = [F.col(f"kind_{feature.index}") for feature in FEATURES]
    names = F.array(*[F.lit(kind) for kind in SOURCE_KINDS])
    weights = F.array(*[F.lit(SOURCE_WEIGHTS[kind]) for kind in SOURCE_KINDS])
    # 0 * x is 0 for a finite x only: one comparison on the usual path instead of 25.
    all_finite = reduce(add, [value * F.lit(0.0) for value in values]) == 0.0
    return [
        F.array(*values).alias("features"),
        F.array(*[names[kind] for kind in kinds]).alias("feature_sources"),
        numbers_text(values).alias("features_text"),
        sources_text(kinds).alias("sources_text"),
        reduce(add, [weights[kind] for kind in kinds]).alias("weights"),
        _count_of("phase4").alias("phase4_features"),
        _count_of("phase3").alias("phase3_features"),
        _default_indices(kinds).alias("default_feature_indices"),
        F.when(~all_finite, _first_not_finite(values)).alias("not_finite"),
    ]


def _value(feature: Feature) -> Column:
    candidates = [F.col(name) for name in _candidates(feature).values()]
    if feature.default is not None:
        candidates.append(F.lit(float(feature.default)))
    return F.coalesce(*candidates) + F.lit(0.0)  # -0.0 + 0.0 is 0.0


def _kind(feature: Feature) -> Column:
    chosen = F.lit(SOURCE_KINDS.index("default"))
    for kind, name in reversed(_candidates(feature).items()):
        chosen = F.when(F.col(name).isNotNull(), F.lit(SOURCE_KINDS.index(kind))).otherwise(chosen)
    return chosen


def _candidates(feature: Feature) -> dict[SourceKind, str]:
    found: dict[SourceKind, str] = {}
    if feature.phase4:
        found["phase4"] = f"phase4_{feature.index}"
    if feature.computed is not None:
        found[feature.computed_kind] = f"computed_{feature.index}"
    return found


def _count_of(kind: SourceKind) -> Column:
    is_kind = [F.col(f"kind_{feature.index}") == SOURCE_KINDS.index(kind) for feature in WITH_PHASE4]
    return reduce(add, [hit.cast("int") for hit in is_kind])


def _default_indices(kinds: Sequence[Column]) -> Column:
    is_default = [kind == SOURCE_KINDS.index("default") for kind in kinds]
    indices = [F.when(hit, F.lit(index)).otherwise(F.lit(-1)) for index, hit in enumerate(is_default)]
    # Not `array_compact`: Spark generates no code for it, nor for the step that it stands in.
    return F.array_remove(F.array(*indices), -1).cast("array<bigint>")


def _first_not_finite(values: Sequence[Column]) -> Column:
    named = zip(values, FEATURES, strict=True)
    return F.coalesce(*[F.when(value * F.lit(0.0) != 0.0, F.lit(feature.name)) for value, feature in named])
