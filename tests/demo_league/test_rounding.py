"""Rounding, as the warehouse rounds."""

from __future__ import annotations

from jobs.demo_league.rounding import mean, ratio, sample_deviation


def test_halves_are_rounded_away_from_zero() -> None:
    assert [ratio(number, 2) for number in (-3, -1, 0, 1, 3, 4)] == [-2, -1, 0, 1, 2, 2]
    assert mean([1, 2], 1) == 2
    assert sample_deviation([3, 3, 3], 10_000) == 0
    assert sample_deviation([10, 12, 23, 23, 16], 10_000) == 60581
