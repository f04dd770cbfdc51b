"""Each feature's value and where it came from: phase 4, else computed, else the constant; and the scores of that.

Reads the catalogue; knows no feature by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

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
from transforms.hashing import fixed_decimals


def candidate_columns(computed: Mapping[str, Column]) -> list[Column]:
    """For every feature its phase 4 value and its computed value, as doubles; a NULL or NaN is missing.

    `computed` holds the catalogue's computed columns by name. Columns `phase4_I` and `computed_I` of feature I.
    """
    columns = []
    for feature in FEATURES:
        if feature.phase4:
            first = F.coalesce(*[phase4_value(source) for source in feature.phase4])
            columns.append(first.alias(f"phase4_{feature.index}"))
        if feature.computed:
            columns.append(_not_nan(computed[feature.computed].cast("double")).alias(f"computed_{feature.index}"))
    return columns


def phase4_value(source: Phase4Source) -> Column:
    """The value of one phase 4 source in the feature's unit, as a double; NULL when missing."""
    value = _not_nan(F.col(f"{source.source}.{source.column}").cast("double"))
    return value if source.divisor == 1.0 else value / F.lit(source.divisor)


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

    `features` and `feature_sources` (arrays of 25), `features_text` (the values with 9 decimals, quoted, for the
    hash), `weights` (sum of the 25 source weights), `phase4_features` and `phase3_features` (of the 16 features that
    have a phase 4 source, how many took it and how many were computed by window), `not_finite` (name of the first
    feature that is not finite, else NULL).
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
        fixed_decimals(values).alias("features_text"),
        reduce(add, [weights[kind] for kind in kinds]).alias("weights"),
        _count_of("phase4").alias("phase4_features"),
        _count_of("phase3").alias("phase3_features"),
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
    if feature.computed:
        found[feature.computed_kind] = f"computed_{feature.index}"
    return found


def _count_of(kind: SourceKind) -> Column:
    is_kind = [F.col(f"kind_{feature.index}") == SOURCE_KINDS.index(kind) for feature in WITH_PHASE4]
    return reduce(add, [hit.cast("int") for hit in is_kind])


def _first_not_finite(values: Sequence[Column]) -> Column:
    named = zip(values, FEATURES, strict=True)
    return F.coalesce(*[F.when(value * F.lit(0.0) != 0.0, F.lit(feature.name)) for value, feature in named])
