"""What each team had done before each requested date: pace and rating in attack, and what it allowed by zone.

Small frames, one row per team and date; callers broadcast them.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from transforms.as_of import days_before, held_whole, sum_since, timeline, up_to_here
from transforms.completeness import percentage
from transforms.precomputed.exact import mean_of_decimals, mean_of_whole, narrow, nearest, with_decimals
from transforms.schedule import TEAM
from transforms.team_history import DEFENSE_GAMES, OFFENSE_GAMES, team_requests, with_earlier_totals

ZONES = ("paint", "mid_range", "three_pt")
LEAGUE_DAYS = 30
LEAGUE_GAMES = 10
LEAGUE_TEAMS = 10
LEAGUE_CONSTANTS = {"paint": "0.58", "mid_range": "0.41", "three_pt": "0.355"}
READY_GAMES = 10
_SEASON = (TEAM, "season_year")
_SUMMED_WHOLE = (
    "points_allowed",
    *(f"opp_{zone}_{kind}" for zone in ZONES for kind in ("makes", "attempts")),
)
_SHARE = "decimal(29,20)"


def team_offense_results(games: DataFrame, calendar: DataFrame) -> DataFrame:
    """A team's pace and offensive rating over its last 10 games, across seasons.

    Input: `games`, one row per (team_abbr, game_date) and re-processing; `calendar`, one row per requested game_date
    with its `season_year`. Output: one row per (team_abbr, day): `team_pace_last_10` (possessions a game) and
    `team_off_rating_last_10` (points per 100 possessions), 4 decimals, NULL without a value.
    """
    log = narrow(games)
    events = timeline(team_requests(log, calendar), log, TEAM).select(
        "*", _totals(up_to_here(TEAM), {"pace": "pace", "rating": "offensive_rating"}, {})
    )
    return with_earlier_totals(events, OFFENSE_GAMES, TEAM).select(
        TEAM,
        "day",
        _mean("pace", 4).alias("team_pace_last_10"),
        _mean("rating", 4).alias("team_off_rating_last_10"),
    )


def team_defense_results(games: DataFrame, calendar: DataFrame) -> DataFrame:
    """What each team allowed over its last 15 games of this season, by zone and against the league.

    Input: `games`, one row per (defending_team_abbr, game_date) and re-processing; `calendar` as above.
    Output: one row per (team_abbr, day) of a team with a game this season: the columns of `team_defense_zone_analysis`
    but for its date, hash and times.
    """
    narrowed = narrow(games)
    held = [held_whole(games, name) if name in _SUMMED_WHOLE else F.col(name) for name in narrowed.columns]
    log = narrowed.select(*held).withColumnRenamed("defending_team_abbr", TEAM)
    season, recent = up_to_here(*_SEASON), days_before(LEAGUE_DAYS, *_SEASON)
    means = {"rating": "defensive_rating", "pace": "opponent_pace"}
    events = timeline(team_requests(log, calendar), log, TEAM).select(
        "*",
        _totals(season, means, {"points": "points_allowed"}),
        F.sum("is_game").over(recent).alias("recent_games"),
        *[
            F.sum(_counted(zone, kind)).over(recent).alias(f"recent_{zone}_{kind}")
            for zone in ZONES
            for kind in ("makes", "attempts")
        ],
    )
    before = with_earlier_totals(events, DEFENSE_GAMES, *_SEASON)
    sums = before.select(
        TEAM,
        "day",
        F.col("totals.games").alias("season_games"),
        _mean("rating", 2).alias("defensive_rating_last_15"),
        _mean("pace", 1).alias("opponent_pace"),
        mean_of_whole(_last("points"), _last("points_games"), 1).alias("opponent_points_per_game"),
        *[_last(f"{zone}_{kind}").alias(f"{zone}_{kind}") for zone in ZONES for kind in ("makes", "attempts")],
        *[_league_average(zone).alias(f"{zone}_league") for zone in ZONES],
    )
    in_sample = F.least(F.col("season_games"), F.lit(DEFENSE_GAMES))
    return sums.where(F.col("season_games") > 0).select(
        TEAM,
        "day",
        *[_allowed(zone).alias(f"{zone}_pct_allowed_last_15") for zone in ZONES],
        *[_against_league(zone).alias(f"{zone}_defense_vs_league_avg") for zone in ZONES],
        "defensive_rating_last_15",
        "opponent_pace",
        "opponent_points_per_game",
        in_sample.alias("games_in_sample"),
        percentage(in_sample, F.lit(DEFENSE_GAMES)).alias("completeness_percentage"),
        (in_sample >= READY_GAMES).alias("is_production_ready"),
    )


def _totals(window: WindowSpec, means: dict[str, str], whole: dict[str, str]) -> Column:
    """Running totals by their names: of NUMERIC columns, of whole ones, and of zones where there are."""
    values = {name: F.col(f"game.{column}") for name, column in {**means, **whole}.items()}
    sums = [F.sum(value).over(window).alias(name) for name, value in values.items()]
    counts = [F.count(value).over(window).alias(f"{name}_games") for name, value in values.items()]
    zones = [
        F.sum(_counted(zone, kind)).over(window).alias(f"{zone}_{kind}")
        for zone in (ZONES if whole else ())
        for kind in ("makes", "attempts")
    ]
    return F.struct(F.sum("is_game").over(window).alias("games"), *sums, *counts, *zones).alias("totals")


def _counted(zone: str, kind: str) -> Column:
    """Makes or attempts of a game that knows both."""
    both = F.col(f"game.opp_{zone}_makes").isNotNull() & F.col(f"game.opp_{zone}_attempts").isNotNull()
    return F.when(both, F.col(f"game.opp_{zone}_{kind}"))


def _last(total: str) -> Column:
    return sum_since(total, "earlier_totals")


def _mean(name: str, decimals: int) -> Column:
    return mean_of_decimals(_last(name), _last(f"{name}_games"), decimals)


def _allowed(zone: str) -> Column:
    makes, attempts = F.col(f"{zone}_makes"), F.col(f"{zone}_attempts")
    return with_decimals(nearest(makes * F.lit(1000), attempts), 3)


def _share(makes: Column, attempts: Column) -> Column:
    """Makes of attempts with 20 decimals: a sum of such shares is the same in any order."""
    return F.when(attempts != 0, (makes.cast("decimal(18,9)") / attempts.cast("decimal(10,0)")).cast(_SHARE))


def _league_average(zone: str) -> Column:
    """The mean share allowed in a zone over the teams with enough games; the constant when they are too few."""
    of_day = Window.partitionBy("day").rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    has_enough = F.col("recent_games") >= LEAGUE_GAMES
    share = F.when(has_enough, _share(F.col(f"recent_{zone}_makes"), F.col(f"recent_{zone}_attempts")))
    shares = F.count(share).over(of_day)
    mean = F.sum(share).over(of_day) / F.when(shares > 0, shares).cast("decimal(10,0)")
    teams = F.count(F.when(has_enough, F.lit(1))).over(of_day)
    constant = F.lit(LEAGUE_CONSTANTS[zone]).cast(_SHARE)
    return F.coalesce(F.when(teams >= LEAGUE_TEAMS, mean.cast(_SHARE)), constant)


def _against_league(zone: str) -> Column:
    share = _share(F.col(f"{zone}_makes"), F.col(f"{zone}_attempts"))
    difference = share - F.col(f"{zone}_league")
    return F.round(difference * F.lit(100), 2).cast("decimal(18,2)")
