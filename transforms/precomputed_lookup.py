"""The one pre-computed row of each request and table: de-duplicated, joined by key, and what is recorded of them.

Joins only; which value a feature takes is decided in `choose_source`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.deduplicate import newest_rows
from transforms.player_history import PLAYER
from transforms.schedule import TEAM


class PrecomputedSource(NamedTuple):
    """A pre-computed table: the struct that its row is attached as, its name, and the column of its date."""

    name: str
    table_name: str
    date_column: str


PLAYER_SOURCES = (
    PrecomputedSource("daily_cache", "player_daily_cache", "cache_date"),
    PrecomputedSource("composite", "player_composite_factors", "game_date"),
    PrecomputedSource("shot_zones", "player_shot_zone_analysis", "analysis_date"),
)
TEAM_SOURCE = PrecomputedSource("team_defense", "team_defense_zone_analysis", "analysis_date")
PRECOMPUTED_SOURCES = (*PLAYER_SOURCES, TEAM_SOURCE)
TABLE_OF_SOURCE = {source.name: source.table_name for source in PRECOMPUTED_SOURCES}


def upstream_row(rows: DataFrame, entity: str, source: PrecomputedSource) -> DataFrame:
    """The newest row of each (entity, day) of one pre-computed table, as one struct.

    Input: any number of rows per key, partitioned by the entity already. Output: one row per key: `entity`, `day` (days
    since 1970-01-01) and the struct of the other columns with `rows_found`, under the name of the `source`.
    """
    others = [column for column in rows.columns if column not in (entity, source.date_column)]
    by_day = rows.select(entity, F.unix_date(source.date_column).alias("day"), *others)
    return newest_rows(by_day, (entity, "day")).select(
        entity, "day", F.struct(*others, "rows_found").alias(source.name)
    )


def attach_upstream(history: DataFrame, phase4: Mapping[str, DataFrame]) -> DataFrame:
    """`player_history` rows with the row of each pre-computed table, keyed to the requested date.

    Input: one row per (player_lookup, day), partitioned by player; `phase4` by table name, any number of rows per key.
    Output: the same rows with the structs `daily_cache`, `composite`, `shot_zones` (of the player) and `team_defense`
    (of the opponent); NULL where the table has no row.
    """
    attached = history
    for source in PLAYER_SOURCES:
        rows = upstream_row(phase4[source.table_name].repartition(PLAYER), PLAYER, source)
        attached = attached.join(rows, on=[PLAYER, "day"], how="left")
    of_opponent = upstream_row(phase4[TEAM_SOURCE.table_name].repartition(TEAM), TEAM, TEAM_SOURCE)
    return join_team(attached, of_opponent, F.col("request.opponent_team_abbr"))


def join_team(rows: DataFrame, team_rows: DataFrame, team: Column) -> DataFrame:
    """Rows of players with the row of a team on the same day, broadcast; NULLs where the team has none.

    Input: rows with `day`; `team_rows` with one row per (team_abbr, day). Output: the rows and the other team columns.
    """
    others = [column for column in team_rows.columns if column not in (TEAM, "day")]
    renamed = team_rows.select(F.col(TEAM).alias("_team"), F.col("day").alias("_day"), *others)
    same = (team == F.col("_team")) & (F.col("day") == F.col("_day"))
    return rows.join(F.broadcast(renamed), on=same, how="left").drop("_team", "_day")


def source_columns() -> dict[str, Column]:
    """The `source_X_*` columns of the target: what is recorded of the pre-computed row that an output row used."""
    columns: dict[str, Column] = {}
    for source in TABLE_OF_SOURCE:
        percentage = F.col(f"{source}.completeness_percentage")
        # NaN, infinity and what NUMERIC(5,2) cannot hold are no completeness: NULL, not an overflow.
        fits = F.abs(percentage) < 999.995
        columns[f"source_{source}_last_updated"] = F.col(f"{source}.processed_at")
        columns[f"source_{source}_rows_found"] = F.coalesce(f"{source}.rows_found", F.lit(0)).cast("bigint")
        columns[f"source_{source}_completeness_pct"] = F.when(fits, percentage.cast("decimal(5,2)"))
        columns[f"source_{source}_hash"] = F.col(f"{source}.data_hash")
    return columns


def is_ready(source: str) -> Column:
    """True where the pre-computed row exists and says that it is production ready; never NULL."""
    return F.coalesce(F.col(f"{source}.is_production_ready"), F.lit(False))
