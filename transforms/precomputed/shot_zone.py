"""player_shot_zone_analysis: where a player's last 10 season games' shots came from, and the zone that he scores in.

Columns over one row of `player_season`; rates are percentages in hundredths, NULL without an attempt.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.player_history import SHOTS
from transforms.precomputed.exact import nearest, with_decimals
from transforms.precomputed.player_season import games_in_last
from transforms.precomputed.skipped import Skipped

ZONES = ("paint", "mid_range", "three_pt")
PERIMETER = "perimeter"
_OF_ZONE = {"paint": "paint", PERIMETER: "three_pt", "mid_range": "mid_range"}
_PRIMARY = (("paint", 4000), (PERIMETER, 4000), ("mid_range", 3500))
NO_SEASON_GAME = "no_season_game"


def measures() -> dict[str, Column]:
    """What the columns of several tables are made of: `shots`, and `ZONE_rate` in hundredths of a percent."""
    shots = F.col(f"{SHOTS[0]}_10") + F.col(f"{SHOTS[1]}_10") + F.col(f"{SHOTS[2]}_10")
    rates = {
        f"{zone}_rate": nearest(F.col(f"{shot}_10") * F.lit(10_000), shots)
        for zone, shot in zip(ZONES, SHOTS, strict=True)
    }
    return {"shots": shots, **rates}


def primary_scoring_zone() -> Column:
    """The first zone whose rate is high enough, else `balanced`; NULL without an attempt."""
    zone = F.lit("balanced")
    for name, least in reversed(_PRIMARY):
        zone = F.when(F.col(f"{_OF_ZONE[name]}_rate") >= least, F.lit(name)).otherwise(zone)
    return F.when(F.col("shots") != 0, zone)


def rate(zone: str) -> Column:
    """A zone's rate as a percentage with 2 decimals."""
    return with_decimals(F.col(f"{zone}_rate"), 2)


def shot_zone_columns() -> dict[str, Column]:
    """The columns of the table that are its own."""
    return {
        **{f"{zone}_rate_last_10": rate(zone) for zone in ZONES},
        "total_shots_last_10": F.when(F.col("shot_games_10") > 0, F.col("shots")),
        "games_in_sample_10": games_in_last(10),
        "primary_scoring_zone": F.col("primary_scoring_zone"),
    }


def skipped() -> Skipped:
    """A player without a game this season has no row."""
    nobody = F.col("season_games") == 0
    return Skipped(nobody, F.lit(NO_SEASON_GAME), F.lit("no game of this season before the date"))
