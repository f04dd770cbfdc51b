"""Exact rounding of ratios, half away from zero, on integers that stand for decimals.

Amounts in this package are integers in the last place of their column (a pace of 98.5 is 985 tenths).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt


def ratio(numerator: int, denominator: int) -> int:
    """`numerator / denominator` as the nearest integer, half away from zero; the denominator is positive."""
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -nearest if numerator < 0 else nearest


def mean(values: Sequence[int], scale: int) -> int:
    """`scale` times the mean of at least one value."""
    return ratio(scale * sum(values), len(values))


def sample_deviation(values: Sequence[int], scale: int) -> int:
    """`scale` times the sample standard deviation of at least two values."""
    count = len(values)
    squares = count * sum(value * value for value in values) - sum(values) ** 2
    # Twice the root, cut off, then halved upward: the nearest integer without a float in between.
    return (isqrt(4 * scale * scale * squares // (count * (count - 1))) + 1) // 2


def clamp(value: int, low: int, high: int) -> int:
    """`value`, or the bound that it passes."""
    return max(low, min(high, value))
