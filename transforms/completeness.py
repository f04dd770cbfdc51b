"""How much of what should be known before a date is known: own games against the team's, and pre-computed rows.

Decides readiness and names what is missing; skipping a row for it is the mode's business (`skips`).
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.precomputed_lookup import is_ready

COUNTED_GAMES = 10
READY_PERCENTAGE = 90
ISSUES = {
    "daily_cache": "upstream_player_daily_cache_incomplete",
    "composite": "upstream_player_composite_factors_incomplete",
    "shot_zones": "upstream_player_shot_zone_incomplete",
    "team_defense": "upstream_team_defense_zone_incomplete",
}
OWN_ISSUE = "own_data_incomplete"
CURRENT_TEAM = "current_team"
"""The struct of `schedule.final_games` of the player's current team."""


def current_team() -> Column:
    """The team of the player's newest row before the date, played or not, else the team of the context row."""
    return F.coalesce("newest_team.team_abbr", "request.team_abbr")


def expected_games() -> Column:
    """Final games of the current team before the date, this season, at most 10."""
    return F.least(F.coalesce(f"{CURRENT_TEAM}.games", F.lit(0)), F.lit(COUNTED_GAMES)).cast("bigint")


def actual_games() -> Column:
    """The player's rows before the date, this season, at most 10: a game that he sat out is not missing."""
    return F.least(F.col("season_rows"), F.lit(COUNTED_GAMES)).cast("bigint")


def percentage(actual: Column, expected: Column) -> Column:
    """100 * actual / expected with 1 decimal, at most 100; 0 when nothing is expected."""
    share = F.round(F.try_divide(F.lit(100.0) * actual, expected.cast("double")), 1)
    return F.when(expected > 0, F.least(share, F.lit(100.0))).otherwise(F.lit(0.0))


def is_production_ready(completeness: Column) -> Column:
    """True where the player's completeness is 90 or more and all four pre-computed rows are ready."""
    ready = completeness >= READY_PERCENTAGE
    for source in ISSUES:
        ready = ready & is_ready(source)
    return ready


def quality_issues(completeness: Column) -> Column:
    """What is incomplete of a row, as an array in order: pre-computed rows that are absent or not ready, own data."""
    incomplete = {issue: ~is_ready(source) for source, issue in ISSUES.items()}
    incomplete[OWN_ISSUE] = completeness < READY_PERCENTAGE
    none = F.array().cast("array<string>")
    # Arrays of one issue or none: Spark generates no code for `array_compact`, nor for the step that it stands in.
    return F.concat(*[F.when(found, F.array(F.lit(issue))).otherwise(none) for issue, found in incomplete.items()])
