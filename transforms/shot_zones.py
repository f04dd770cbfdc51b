"""The shot zone family: where a player's last 10 games' shots came from.

Columns over one row of `player_history`; shares are fractions, NULL without an attempt.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.as_of import mean
from transforms.player_history import SHOTS, in_last


def pct_paint() -> Column:
    """The share of shots from the paint."""
    return shot_share(SHOTS[0])


def pct_mid_range() -> Column:
    """The share of shots from mid-range."""
    return shot_share(SHOTS[1])


def pct_three() -> Column:
    """The share of shots from three."""
    return shot_share(SHOTS[2])


def shot_share(shot: str) -> Column:
    """The share (0 to 1) of one of `SHOTS` in the attempts of the last 10 games; NULL without an attempt."""
    attempts = in_last(10, SHOTS[0]) + in_last(10, SHOTS[1]) + in_last(10, SHOTS[2])
    return F.when(attempts != 0, mean(in_last(10, shot), attempts))
