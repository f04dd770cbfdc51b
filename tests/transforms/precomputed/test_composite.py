"""player_composite_factors: fatigue, shot zone against defence, pace, usage, and when the row is ready."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.transforms.precomputed.stories import UpstreamRows, UpstreamStory, told
from tests.transforms.rows import log


def composite(rows: UpstreamRows) -> dict[str, Any]:
    assert rows.composite is not None
    return rows.composite


def asked(**context: Any) -> UpstreamStory:
    return UpstreamStory(context=context)


FATIGUE = {
    asked(): 100,
    asked(back_to_back=True, days_rest=5): 85,
    asked(back_to_back=False, days_rest=2): 100,
    asked(back_to_back=True, days_rest=3, games_in_last_7_days=3): 85,
    asked(games_in_last_7_days=4): 90,
    asked(games_in_last_7_days=4, days_rest=3): 95,
    asked(minutes_in_last_7_days=240): 100,
    asked(minutes_in_last_7_days=241): 90,
    asked(avg_minutes_per_game_last_7=35): 100,
    asked(avg_minutes_per_game_last_7="35.1"): 92,
    asked(back_to_backs_last_14_days=1): 95,
    asked(back_to_backs_last_14_days=2): 88,
    asked(back_to_backs_last_14_days=3): 88,
    asked(player_age=29): 100,
    asked(player_age=30): 95,
    asked(player_age=35): 90,
    asked(days_rest=3): 100,
    asked(
        back_to_back=True,
        games_in_last_7_days=5,
        minutes_in_last_7_days=300,
        avg_minutes_per_game_last_7=40,
        back_to_backs_last_14_days=2,
        player_age=36,
    ): 35,
}


def after(*days: int, **context: Any) -> UpstreamStory:
    """A player who played on these days before."""
    return UpstreamStory(context=context, games=[{"days_before": day} for day in days])


FATIGUE |= {
    after(1): 85,
    after(1, back_to_back=False, days_rest=5): 85,
    after(2, 9, days_rest=5): 100,
    after(3, days_rest=1): 100,
    after(3, back_to_back=True): 85,
    after(3, games_in_last_7_days=4): 95,
    UpstreamStory(games=[{"days_before": 3}, {"days_before": 1, "points": None}], context={"player_age": 30}): 100,
    UpstreamStory(games=[{"days_before": 9, "season_year": 2020}], context={"days_rest": 1, "player_age": 30}): 95,
}


@told(*FATIGUE)
def test_fatigue_score(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert composite(rows)["fatigue_score"] == FATIGUE[upstream_story]


PACE = {
    asked(): "0",
    asked(pace_differential="2.5"): "1.3",
    asked(pace_differential="-2.5"): "-1.3",
    asked(pace_differential="1.4"): "0.7",
    asked(pace_differential=9): "3",
    asked(pace_differential=-9): "-3",
}


@told(*PACE)
def test_pace_score_is_half_the_differential(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert composite(rows)["pace_score"] == Decimal(PACE[upstream_story])


def usage(projected: Any, average: Any, **context: Any) -> UpstreamStory:
    return asked(projected_usage_rate=projected, avg_usage_rate_last_7_games=average, **context)


USAGE = {
    usage(22, 20): "0.6",
    usage(22, 20, star_teammates_out=1): "0.7",
    usage(22, 20, star_teammates_out=2): "0.8",
    usage(22, 20, star_teammates_out=3): "0.8",
    usage(18, 20, star_teammates_out=2): "-0.6",
    usage("20.5", 20): "0.2",
    usage("19.5", 20): "-0.2",
    usage(40, 20): "3",
    usage(2, 20): "-3",
    usage(None, 20): "0",
    usage(20, None): "0",
    usage(None, None): "0",
    usage(20, 0): "0",
}


@told(*USAGE)
def test_usage_spike_score(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert composite(rows)["usage_spike_score"] == Decimal(USAGE[upstream_story])


def against(shots: tuple[int, int, int], *allowed: tuple[str, int, int]) -> UpstreamStory:
    """A player with these attempts, and an opponent that allowed so many makes of attempts in a zone."""
    paint, mid_range, three = shots
    games = log(paint_attempts=[paint], mid_range_attempts=[mid_range], three_pt_attempts=[three])
    numbers = {f"opp_{zone}_makes": makes for zone, makes, _ in allowed}
    numbers |= {f"opp_{zone}_attempts": attempts for zone, _, attempts in allowed}
    return UpstreamStory(games=games, opponent=[{"days_before": 2, **numbers}])


# The league has too few teams here, so that its averages are the constants 0.58, 0.41 and 0.355.
PAINT, THREE, MID_RANGE, BALANCED = (60, 20, 20), (20, 20, 60), (33, 35, 32), (34, 33, 33)
MISMATCH = {
    against(PAINT, ("paint", 60, 100)): "2",
    against(PAINT, ("paint", 55, 100)): "-3",
    against(THREE, ("paint", 90, 100), ("three_pt", 37, 100)): "1.5",
    against(MID_RANGE, ("paint", 90, 100), ("mid_range", 43, 100)): "1.4",
    against(BALANCED, ("paint", 61, 100), ("three_pt", 90, 100)): "2",
    against(PAINT, ("paint", 63, 100)): "5",
    against(PAINT, ("paint", 64, 100)): "7.2",
    against(PAINT, ("paint", 52, 100)): "-7.2",
    against(PAINT, ("paint", 90, 100)): "10",
    against(PAINT, ("paint", 10, 100)): "-10",
    against((0, 0, 0), ("paint", 59, 100)): "1",
    against(PAINT, ("three_pt", 90, 100)): "0",
    UpstreamStory(games=log(paint_attempts=[9], mid_range_attempts=[0], three_pt_attempts=[0])): "0",
    UpstreamStory(opponent=[{"days_before": 2, "opp_paint_makes": 9, "opp_paint_attempts": 10}]): "0",
}


@told(*MISMATCH)
def test_shot_zone_mismatch_score(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert composite(rows)["shot_zone_mismatch_score"] == Decimal(MISMATCH[upstream_story])


TEN_GAMES = log(points=[1] * 10)
TEN_FINAL = [{"days_before": 2 * number, "home_team_tricode": "OWN"} for number in range(1, 11)]
READY = {
    UpstreamStory(games=TEN_GAMES, schedule=TEN_FINAL, opponent=log(defensive_rating=[110] * 10)): True,
    UpstreamStory(games=TEN_GAMES, schedule=TEN_FINAL, opponent=log(defensive_rating=[110] * 9)): False,
    UpstreamStory(games=TEN_GAMES, schedule=TEN_FINAL): False,
    UpstreamStory(games=log(points=[1] * 8), schedule=TEN_FINAL, opponent=log(defensive_rating=[1] * 15)): False,
}


@told(*READY)
def test_it_is_ready_when_the_rows_that_it_is_made_of_are(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert composite(rows)["is_production_ready"] is READY[upstream_story]


@told(UpstreamStory(context={"game_id": None}), UpstreamStory(context={"game_id": "0022100001"}))
def test_it_names_the_game_and_its_date(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert composite(rows)["game_id"] == upstream_story.context["game_id"]
    assert composite(rows)["analysis_date"] == composite(rows)["game_date"] == upstream_story.date
