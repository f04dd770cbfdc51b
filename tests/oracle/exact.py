"""Arithmetic of the pre-computed tables: exact rationals, rounded once at the end, half away from zero.

No double, and nothing of basketball.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal


def rounded(value: Fraction | None, decimals: int) -> Decimal | None:
    """The value with so many decimals, half away from zero; missing stays missing."""
    if value is None:
        return None
    # The floor of the value's units and a half.
    units = (2 * abs(value.numerator) * 10**decimals + value.denominator) // (2 * value.denominator)
    return _decimal(-units if value < 0 else units, decimals)


def ratio(part: Number, whole: Number) -> Fraction | None:
    """Part of a whole; missing for an empty whole."""
    return Fraction(part) / Fraction(whole) if whole else None


def mean(values: Sequence[Number | None]) -> Fraction | None:
    """The mean of the values that are not NULL; missing without one."""
    known = [value for value in values if value is not None]
    return ratio(sum(known), len(known))


def mean_of_ratios(values: Sequence[Fraction | None]) -> Fraction | None:
    """The mean of the ratios that are not missing; missing without one."""
    known = [value for value in values if value is not None]
    return sum(known, Fraction(0)) / len(known) if known else None


def sample_deviation(values: Sequence[int | None], decimals: int) -> Decimal | None:
    """The sample standard deviation of the values that are not NULL, rounded; missing with fewer than two."""
    known = [value for value in values if value is not None]
    count = len(known)
    if count < 2:
        return None
    variance = Fraction(count * sum(value * value for value in known) - sum(known) ** 2, count * (count - 1))
    # The floor of a root is the integer root of the floor: of twice the root, so that the half is seen.
    twice = math.isqrt(math.floor(4 * variance * 10 ** (2 * decimals)))
    return _decimal((twice + 1) // 2, decimals)


def clamped(value: Fraction, size: int) -> Fraction:
    """The value, not beyond `size` in either direction."""
    return max(min(value, Fraction(size)), Fraction(-size))


def _decimal(units: int, decimals: int) -> Decimal:
    # As text, which no precision cuts off.
    return Decimal(f"{units}E-{decimals}")
