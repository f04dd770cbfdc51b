"""From sources to feature rows: the whole computation as one straight line of steps.

Every date of a run at once; what is written of the result, and where, is the jobs' business.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms import completeness, game_day, quality, scoring
from transforms.catalogue import FEATURE_NAMES, FEATURE_VERSION
from transforms.choose_source import chosen_columns, phase4_value, with_candidates
from transforms.catalogue import Phase4Source
from transforms.hashing import data_hash
from transforms.player_history import PLAYER, SHOTS, player_history
from transforms.season_calendar import bootstrap_columns
from transforms.shot_zones import shot_share
from transforms.skips import skip_columns
from transforms.team_history import final_games, team_defense, team_offense
from transforms.upstream_rows import attach_upstream, join_team, source_columns

EARLY_SEASON_SOURCE = "early_season"
EARLY_SEASON_REASON = "early_season_first_14_days"
PLACEHOLDER_DECISION = "early_season_placeholder"
BOUNDARY_MONTHS = (10, 11, 4)
SKIP_COLUMNS = ("skip_reason", "skip_detail")


def feature_rows(sources: Mapping[str, DataFrame], calendar: DataFrame, *, created_at: Column, daily: bool) -> DataFrame:
    """The rows of the feature store for every requested date.

    Input: `sources` by table name (the four phase 4 tables, context, the player and the two team game logs, the
    schedule), each any number of rows a key; `calendar`, one row a requested game_date: `season_year`, `season_start`
    (day 0 of the season), `upstream_present` (all four phase 4 tables have rows for the date).
    Output: one row a (player_lookup, game_date) of context on a calendar date: every column of the target, and
    `skip_reason` and `skip_detail` (NULL for a row to be written; `daily` adds the skips of that mode).
    """
    history = player_history(
        sources["upcoming_player_game_context"], sources["player_game_summary"], calendar
    )
    attached = attach_teams(attach_upstream(history, sources), sources, calendar)
    candidates = with_candidates(
        attached.select("*", *_judged()), computed_features(), PLAYER, "request", *_ROW_COLUMNS, *source_columns()
    )
    return _written(candidates.select(PLAYER, "request", *_ROW_COLUMNS, *source_columns(), *chosen_columns()), created_at, daily)
