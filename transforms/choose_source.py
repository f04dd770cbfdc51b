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
    Feature,
    Phase4Source,
    SourceKind,
)
from transforms.columns import named
from transforms.hashing import numbers_text, sources_text
from transforms.precomputed_lookup import TABLE_OF_SOURCE


def candidate_columns(computed: Mapping[str, Column]) -> list[Column]:
    """For every feature the pre-computed values that it may take, and its computed value, as doubles; NaN is NULL.

    `computed` holds the computed columns by the features' names. Columns `stored_X_Y` of column Y of the pre-computed
    row X, in the feature's unit and in any range, and `computed_I` of feature I.
    """
    stored = {_stored_name(source): _stored_value(source) for feature in FEATURES for source in _read(feature)}
    of_features = {
        f"computed_{feature.index}": _not_nan(computed[feature.name].cast("double"))
        for feature in FEATURES
        if feature.computed is not None
    }
    return named({**stored, **of_features})


def phase4_value(source: Phase4Source) -> Column:
    """The value of one pre-computed source in the feature's unit, as a double; NULL when missing or out of range.

    Of a row with the structs of the pre-computed rows.
    """
    return _in_range(source, _stored_value(source))


def _read(feature: Feature) -> tuple[Phase4Source, ...]:
    return (*feature.phase4, *feature.also_read)


def _stored_name(source: Phase4Source) -> str:
    return f"stored_{source.source}_{source.column}"


def _stored_value(source: Phase4Source) -> Column:
    value = _not_nan(F.col(f"{source.source}.{source.column}").cast("double"))
    return value if source.divisor == 1.0 else value / F.lit(source.divisor)


def _in_range(source: Phase4Source, value: Column) -> Column:
    return F.when(~_is_beyond(source, value), value)


def _is_beyond(source: Phase4Source, value: Column) -> Column:
    lowest = F.lit(False) if source.lowest is None else value < F.lit(float(source.lowest))
    highest = F.lit(False) if source.highest is None else value > F.lit(float(source.highest))
    return lowest | highest


def _out_of_range() -> Column:
    """The pre-computed columns whose turn came with a value outside of the feature's range, as table.column."""
    words: dict[str, Column] = {}
    beyond: list[Column] = []
    for feature in FEATURES:
        turn_came = F.lit(True)
        for source in _read(feature):
            value, name = F.col(_stored_name(source)), f"{TABLE_OF_SOURCE[source.source]}.{source.column}"
            is_beyond = F.coalesce(_is_beyond(source, value), F.lit(False))
            words[name] = F.when(turn_came & is_beyond, F.lit(name)).otherwise(F.lit(""))
            beyond.append(is_beyond)
            turn_came = turn_came & (value.isNull() | is_beyond)
    none = F.array().cast("array<string>")
    # Nearly no row has any, so that turns are looked at and the array is made for those alone.
    return F.when(reduce(or_, beyond), F.array_remove(F.array(*words.values()), "")).otherwise(none)


def _not_nan(value: Column) -> Column:
    return F.nanvl(value, F.lit(None).cast("double"))


def value_columns() -> list[Column]:
    """Each feature's value and the kind of its source, from a row of candidates.

    Columns `value_I` (double, never NULL) and `kind_I` (place in `SOURCE_KINDS`) of feature I, and `out_of_range`: the
    pre-computed columns, as table.column, whose value was not taken for that.
    """
    values = {f"value_{feature.index}": _value(feature) for feature in FEATURES}
    kinds = {f"kind_{feature.index}": _kind(feature) for feature in FEATURES}
    return named({**values, **kinds, "out_of_range": _out_of_range()})


def chosen_columns() -> list[Column]:
    """The feature vector of a row with `value_columns`, and what it is made of.

    `features` and `feature_sources` (arrays of 25), `features_text` and `sources_text` (both as they are hashed),
    `default_feature_indices` (those that took their constant, ascending), `not_finite` (name of the first feature that
    is not finite, else NULL).
    """
    values, kinds = [F.col(f"value_{feature.index}") for feature in FEATURES], _kinds(FEATURES)
    names = F.array(*[F.lit(kind) for kind in SOURCE_KINDS])
    # 0 * x is 0 for a finite x only: one comparison on the usual path instead of 25.
    all_finite = reduce(add, [value * F.lit(0.0) for value in values]) == 0.0
    return [
        F.array(*values).alias("features"),
        F.array(*[names[kind] for kind in kinds]).alias("feature_sources"),
        numbers_text(values).alias("features_text"),
        sources_text(kinds).alias("sources_text"),
        _default_indices(kinds).alias("default_feature_indices"),
        F.when(~all_finite, _first_not_finite(values)).alias("not_finite"),
    ]


def sum_of_weights() -> Column:
    """The sum of the 25 source weights of a row with `value_columns`."""
    weights = F.array(*[F.lit(SOURCE_WEIGHTS[kind]) for kind in SOURCE_KINDS])
    return reduce(add, [weights[kind] for kind in _kinds(FEATURES)])


def count_of(kind: SourceKind, features: Sequence[Feature]) -> Column:
    """How many of some features have a source of this kind, in a row with `value_columns`."""
    return reduce(add, [(found == SOURCE_KINDS.index(kind)).cast("int") for found in _kinds(features)])


def _kinds(features: Sequence[Feature]) -> list[Column]:
    return [F.col(f"kind_{feature.index}") for feature in features]


def _value(feature: Feature) -> Column:
    candidates = list(_candidates(feature).values())
    if feature.default is not None:
        candidates.append(F.lit(float(feature.default)))
    return F.coalesce(*candidates) + F.lit(0.0)  # -0.0 + 0.0 is 0.0


def _kind(feature: Feature) -> Column:
    chosen = F.lit(SOURCE_KINDS.index("default"))
    for kind, candidate in reversed(_candidates(feature).items()):
        chosen = F.when(candidate.isNotNull(), F.lit(SOURCE_KINDS.index(kind))).otherwise(chosen)
    return chosen


def _candidates(feature: Feature) -> dict[SourceKind, Column]:
    found: dict[SourceKind, Column] = {}
    if feature.phase4:
        values = [_in_range(source, F.col(_stored_name(source))) for source in feature.phase4]
        found["phase4"] = F.coalesce(*values)
    if feature.computed is not None:
        found[feature.computed_kind] = F.col(f"computed_{feature.index}")
    return found


def _default_indices(kinds: Sequence[Column]) -> Column:
    is_default = [kind == SOURCE_KINDS.index("default") for kind in kinds]
    indices = [F.when(hit, F.lit(index)).otherwise(F.lit(-1)) for index, hit in enumerate(is_default)]
    # Not `array_compact`: Spark generates no code for it, nor for the step that it stands in.
    return F.array_remove(F.array(*indices), -1).cast("array<bigint>")


def _first_not_finite(values: Sequence[Column]) -> Column:
    pairs = zip(values, FEATURES, strict=True)
    return F.coalesce(*[F.when(value * F.lit(0.0) != 0.0, F.lit(feature.name)) for value, feature in pairs])
