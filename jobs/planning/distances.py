"""How far apart two histograms of a feature are, and which features never change.

Decides on counts by bin, from `transforms.distributions.histograms`; the bins are fixed, so counts of two runs add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from transforms.catalogue import FEATURE_NAMES
from transforms.distributions import population_stability_index

DRIFT_ABOVE = 0.25
"""A population stability index above this is worth a warning: the usual threshold of the field."""
LEAST_VALUES = 500
"""Fewer values of a month say more of chance than of the feature: they are compared with no other month."""
CONSTANT_ROWS = 500
"""One value in as many rows is no chance."""


@dataclass(frozen=True)
class Distance:
    """How far `values` of a feature are from others: from a baseline, or those of a `month` from all other months."""

    feature: str
    index: float
    values: int
    month: str | None = None

    @property
    def drifts(self) -> bool:
        """Whether it is worth a warning."""
        return self.index > DRIFT_ABOVE


@dataclass
class FeatureHistogram:
    """One feature: values by bin of each month and of the playoffs, the lowest and the highest of all.

    The playoffs are no part of the months: fewer teams play, and play otherwise, so that they are far from any month.
    """

    months: dict[str, Counter[int]] = field(default_factory=dict)
    playoffs: Counter[int] = field(default_factory=Counter)
    lowest: float | None = None
    highest: float | None = None

    @property
    def total(self) -> Counter[int]:
        """The bins of all values."""
        return _sum([*self.months.values(), self.playoffs])

    @property
    def is_constant(self) -> bool:
        """Whether all values, and they are many, are one."""
        return self.lowest is not None and self.lowest == self.highest and self.total.total() >= CONSTANT_ROWS


Histograms = Mapping[str, FeatureHistogram]


def histograms_of_rows(rows: Iterable[Mapping[str, Any]]) -> Histograms:
    """The histogram of each feature of the catalogue, of the rows of `transforms.distributions.histograms`."""
    found = {name: FeatureHistogram() for name in FEATURE_NAMES}
    for row in rows:
        of_feature = found[row["feature"]]
        bins = of_feature.playoffs if row["is_playoff"] else of_feature.months.setdefault(row["month"], Counter())
        bins[row["bin"]] += row["number"]
        ends = (of_feature.lowest, of_feature.highest)
        of_feature.lowest = min(end for end in (ends[0], row["lowest"]) if end is not None)
        of_feature.highest = max(end for end in (ends[1], row["highest"]) if end is not None)
    return found


def distances(current: Histograms, baseline: Histograms | None) -> dict[str, Distance]:
    """The distance of each feature: from the baseline, or without one of the month furthest from the others.

    Without a baseline the playoffs are left out. A feature without values on either side has none.
    """
    found = [
        _furthest_month(name, histogram) if baseline is None else _from_baseline(name, histogram, baseline[name])
        for name, histogram in current.items()
    ]
    return {distance.feature: distance for distance in found if distance is not None}


def _from_baseline(name: str, current: FeatureHistogram, baseline: FeatureHistogram) -> Distance | None:
    index = population_stability_index(baseline.total, current.total)
    return None if index is None else Distance(name, index, current.total.total())


def _furthest_month(name: str, histogram: FeatureHistogram) -> Distance | None:
    found = []
    for month, bins in sorted(histogram.months.items()):
        rest = _sum(others for other, others in histogram.months.items() if other != month)
        if min(bins.total(), rest.total()) < LEAST_VALUES:
            continue
        if (index := population_stability_index(rest, bins)) is not None:
            found.append(Distance(name, index, bins.total(), month))
    return max(found, key=lambda distance: distance.index, default=None)


def _sum(parts: Iterable[Counter[int]]) -> Counter[int]:
    total: Counter[int] = Counter()
    for part in parts:
        total.update(part)
    return total
