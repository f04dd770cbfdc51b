"""Which rows of a player's game log are games that he played; the others are games that he sat out.

Some sources leave out the rows of games that a player sat out, others write them with NULLs: both mean the same.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F


def is_played(game: str) -> Column:
    """True for a row with points, or with none in some minutes; false for any other and for NULL; never NULL.

    `game` is the struct of the row.
    """
    points, minutes = F.col(f"{game}.points"), F.col(f"{game}.minutes_played")
    return F.coalesce((points > 0) | ((points == 0) & (minutes > 0)), F.lit(False))
