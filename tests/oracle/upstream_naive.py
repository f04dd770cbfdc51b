"""The four pre-computed tables computed row by row, in plain Python, from the specification: the judge of the engine.

Knows nothing of `transforms`. What was known before a date is found here, a row's columns in `upstream_rows`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, localcontext

from tests.oracle import histories
from tests.oracle.histories import GameLog, Seasons, Tables, final_dates, has_played, held
from tests.oracle.newest import Key, Row, newest_by_key
from tests.oracle.row_hash import fixed, row_hash
from tests.oracle.upstream_rows import (
    cache_row,
    composite_row,
    defense_row,
    fatigue,
    league_average,
    shot_zone_row,
)

# The columns that are read, in the order in which ties are broken: those of the features, then those of this job.
PLAYER_GAME = (
    *(*histories.PLAYER_GAME, "universal_player_id", "usage_rate", "ts_pct", "fg_makes"),
    *("paint_makes", "mid_range_makes", "three_pt_makes", "assisted_fg_makes"),
)
DEFENSE_GAME = (
    *(*histories.DEFENSE_GAME, "points_allowed", "opp_paint_attempts", "opp_paint_makes"),
    *("opp_mid_range_attempts", "opp_mid_range_makes", "opp_three_pt_attempts", "opp_three_pt_makes"),
)
CONTEXT = (
    *(*histories.CONTEXT, "games_in_last_7_days", "games_in_last_14_days", "minutes_in_last_7_days"),
    *("avg_minutes_per_game_last_7", "back_to_backs_last_14_days", "avg_usage_rate_last_7_games"),
    *("projected_usage_rate", "star_teammates_out", "pace_differential", "player_age"),
)
HASHED = {
    "player_daily_cache": (
        *("player_lookup", "universal_player_id", "cache_date", "points_avg_last_5", "points_avg_last_10"),
        *("points_avg_season", "points_std_last_10", "minutes_avg_last_10", "usage_rate_last_10", "ts_pct_last_10"),
        *("games_played_season", "team_pace_last_10", "team_off_rating_last_10", "games_in_last_7_days"),
        *("games_in_last_14_days", "minutes_in_last_7_days", "back_to_backs_last_14_days", "primary_scoring_zone"),
        *("paint_rate_last_10", "three_pt_rate_last_10", "assisted_rate_last_10", "player_age"),
        *("completeness_percentage", "is_production_ready"),
    ),
    "player_composite_factors": (
        *("player_lookup", "universal_player_id", "game_date", "game_id", "analysis_date", "fatigue_score"),
        *("shot_zone_mismatch_score", "pace_score", "usage_spike_score"),
        *("completeness_percentage", "is_production_ready"),
    ),
    "player_shot_zone_analysis": (
        *("player_lookup", "analysis_date", "paint_rate_last_10", "mid_range_rate_last_10", "three_pt_rate_last_10"),
        *("total_shots_last_10", "games_in_sample_10", "primary_scoring_zone"),
        *("completeness_percentage", "is_production_ready"),
    ),
    "team_defense_zone_analysis": (
        *("team_abbr", "analysis_date", "paint_pct_allowed_last_15", "mid_range_pct_allowed_last_15"),
        *("three_pt_pct_allowed_last_15", "paint_defense_vs_league_avg", "mid_range_defense_vs_league_avg"),
        *("three_pt_defense_vs_league_avg", "defensive_rating_last_15", "opponent_pace", "opponent_points_per_game"),
        *("games_in_sample", "completeness_percentage", "is_production_ready"),
    ),
}
KEYS = {
    "player_daily_cache": ("player_lookup", "cache_date"),
    "player_composite_factors": ("player_lookup", "game_date"),
    "player_shot_zone_analysis": ("player_lookup", "analysis_date"),
    "team_defense_zone_analysis": ("team_abbr", "analysis_date"),
}
BOOTSTRAP_DAYS = 14


def expected_upstream(
    tables: Tables, dates: Collection[datetime.date], season_start: Mapping[int, datetime.date]
) -> dict[str, dict[Key, Row]]:
    """Every row of the requested dates by table and key, without `processed_at` and `created_at`.

    Dates without a context row, and those of the bootstrap period, have none. KeyError for a season without a day 0.
    """
    with localcontext() as context:
        context.prec = 200  # sums of NUMERIC are exact
        past = _Past(tables)
        seasons = Seasons(tables["nbac_schedule"], season_start)
        expected: dict[str, dict[Key, Row]] = {name: {} for name in HASHED}
        for date in sorted({date for _, date in past.context}.intersection(dates)):
            if seasons.day_of_season(date) >= BOOTSTRAP_DAYS:
                for name, row in _rows_of(date, seasons.season_of(date), past):
                    row["data_hash"] = row_hash(row, HASHED[name])
                    who, day = KEYS[name]
                    expected[name][row[who], row[day]] = row
        return expected


class _Past:
    """Every source, de-duplicated and searchable."""

    def __init__(self, tables: Tables) -> None:
        self.context = newest_by_key(tables["upcoming_player_game_context"], ("player_lookup", "game_date"), CONTEXT)
        self.context_of_date: dict[datetime.date, list[Row]] = {}
        for (_, date), found in self.context.items():
            self.context_of_date.setdefault(date, []).append(found.row)
        games = newest_by_key(tables["player_game_summary"], ("player_lookup", "game_date"), PLAYER_GAME)
        self.player_log = GameLog(games)
        self.played = GameLog({key: held(newest) for key, newest in games.items() if has_played(newest.row)})
        self.offense = GameLog(
            newest_by_key(tables["team_offense_game_summary"], ("team_abbr", "game_date"), histories.OFFENSE_GAME)
        )
        defended = newest_by_key(
            tables["team_defense_game_summary"], ("defending_team_abbr", "game_date"), DEFENSE_GAME
        )
        self.defense = GameLog({key: held(newest) for key, newest in defended.items()})
        self.teams = sorted({team for team, _ in defended})
        self.final_dates = final_dates(tables["nbac_schedule"])


def _rows_of(date: datetime.date, season: int, past: _Past) -> Iterator[tuple[str, Row]]:
    defended = {team: _of_season(past.defense.before(team, date), season) for team in past.teams}
    league = league_average(defended.values(), date)
    defenses = {team: defense_row(team, date, games, league) for team, games in defended.items() if games}
    for row in defenses.values():
        yield "team_defense_zone_analysis", row
    for context in past.context_of_date[date]:
        log = past.player_log.before(context["player_lookup"], date)
        played = past.played.before(context["player_lookup"], date)
        games = _of_season(played, season)
        complete = _completeness(context, log, season, past)
        shots = shot_zone_row(context, games, complete) if games else None
        if shots is not None:
            yield "player_shot_zone_analysis", shots
        if shots is not None and len(games) >= 5:
            team_games = past.offense.before(context["team_abbr"], date)[-10:]
            yield "player_daily_cache", cache_row(context, games, team_games, shots, complete)
        yield (
            "player_composite_factors",
            composite_row(
                context,
                {"fatigue_score": fatigue(context, played, games), **complete},
                shots,
                defenses.get(context["opponent_team_abbr"]),
            ),
        )


def _of_season(games: list[Row], season: int) -> list[Row]:
    return [game for game in games if game["season_year"] == season]


def _completeness(context: Row, log: list[Row], season: int, past: _Past) -> Row:
    """The player's completeness and readiness of the date, by the rows of his log, played or not."""
    newest_team = log[-1]["team_abbr"] if log else None
    team = context["team_abbr"] if newest_team is None else newest_team
    final = past.final_dates.get((team, season), set())
    expected = min(sum(1 for day in final if day < context["game_date"]), 10)
    actual = min(len(_of_season(log, season)), 10)
    percentage = min(float(fixed(Decimal(100 * actual) / expected, 1)), 100.0) if expected else 0.0
    return {"completeness_percentage": percentage, "is_production_ready": percentage >= 90}
