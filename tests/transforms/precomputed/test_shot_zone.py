"""player_shot_zone_analysis: rates of the last 10 season games, and the zone that a player scores in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.transforms.precomputed.stories import UpstreamRows, UpstreamStory, told
from tests.transforms.rows import log

RATES = ("paint_rate_last_10", "mid_range_rate_last_10", "three_pt_rate_last_10")


def shots(*games: tuple[int | None, int | None, int | None]) -> list[dict[str, object]]:
    paint, mid_range, three = (list(zone) for zone in zip(*games, strict=True))
    return [*log(paint_attempts=paint, mid_range_attempts=mid_range, three_pt_attempts=three)]  # type: ignore[list-item]


def rates(rows: UpstreamRows) -> list[Decimal | None]:
    assert rows.shot_zones is not None
    return [rows.shot_zones[name] for name in RATES]


@told(UpstreamStory(games=shots((90, 90, 0), *[(1, 1, 1)] * 9, (4, 0, 3))))
def test_rates_are_percentages_of_the_attempts_of_the_last_10_games(rows: UpstreamRows) -> None:
    assert rates(rows) == [Decimal("38.24"), Decimal("26.47"), Decimal("35.29")]
    assert rows.shot_zones is not None
    assert rows.shot_zones["total_shots_last_10"] == 34
    assert rows.shot_zones["games_in_sample_10"] == 10


@told(UpstreamStory(games=shots((4, 4, 2), (9, None, 9), (None, 9, 9), (9, 9, None))))
def test_a_game_with_an_unknown_count_is_left_out_of_the_sums_and_stays_in_the_sample(rows: UpstreamRows) -> None:
    assert rates(rows) == [40, 40, 20]
    assert rows.shot_zones is not None
    assert rows.shot_zones["games_in_sample_10"] == 4


NO_ATTEMPT = {UpstreamStory(games=shots((0, 0, 0))): 0, UpstreamStory(games=shots((None, 1, 1))): None}


@told(*NO_ATTEMPT)
def test_without_an_attempt_there_is_no_rate_and_no_zone(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert rates(rows) == [None, None, None]
    assert rows.shot_zones is not None
    assert rows.shot_zones["primary_scoring_zone"] is None
    assert rows.shot_zones["total_shots_last_10"] == NO_ATTEMPT[upstream_story]


PAINT_AND_THREE = UpstreamStory(games=shots((40, 20, 40)))
PAINT_BY_ROUNDING = UpstreamStory(games=shots((7999, 6001, 6000), (0, 0, 0)))
ZONES = {
    PAINT_AND_THREE: "paint",
    UpstreamStory(games=shots((30, 30, 40))): "perimeter",
    UpstreamStory(games=shots((33, 35, 32))): "mid_range",
    UpstreamStory(games=shots((34, 34, 32))): "balanced",
    PAINT_BY_ROUNDING: "paint",
}


@told(*ZONES)
def test_the_primary_zone_looks_at_the_rounded_rates(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert rows.shot_zones is not None
    assert rows.shot_zones["primary_scoring_zone"] == ZONES[upstream_story]


@told(
    UpstreamStory(),
    UpstreamStory(games=[{"days_before": 2, "season_year": 2020}]),
    UpstreamStory(games=[{"days_before": 2, "points": 0, "minutes_played": 0}]),
    UpstreamStory(games=[{"days_before": 2, "points": None, "minutes_played": None}]),
    UpstreamStory(games=[{"days_before": 0}, {"days_before": -1}]),
)
def test_a_player_without_a_season_game_has_no_row(rows: UpstreamRows) -> None:
    assert rows.shot_zones is None
    assert rows.skipped["shot_zones"] == "no_season_game"
    assert rows.composite is not None


@told(
    UpstreamStory(
        games=[
            {"days_before": 2, "paint_attempts": 1, "mid_range_attempts": 0, "three_pt_attempts": 0},
            {"days_before": 2, "points": None, "processed_at": None},
        ]
    )
)
def test_the_newest_row_of_a_game_says_whether_it_was_played(rows: UpstreamRows) -> None:
    assert rates(rows) == [100, 0, 0]


FULL = [{"days_before": 2 * number, "home_team_tricode": "OWN"} for number in range(1, 11)]
COMPLETENESS = {
    UpstreamStory(games=log(points=[1] * 9), schedule=FULL): (90.0, True),
    UpstreamStory(games=log(points=[1] * 8), schedule=FULL): (80.0, False),
    UpstreamStory(games=[*log(points=[1] * 8), {"days_before": 18, "points": None}], schedule=FULL): (90.0, True),
    UpstreamStory(games=[{"days_before": 400, "season_year": 2020}, *log(points=[1])]): (
        0.0,
        False,
    ),
}


@told(*COMPLETENESS)
def test_completeness_counts_rows_played_or_not(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert rows.shot_zones is not None
    found = (rows.shot_zones["completeness_percentage"], rows.shot_zones["is_production_ready"])
    assert found == COMPLETENESS[upstream_story]


@pytest.mark.parametrize("upstream_story", [PAINT_AND_THREE])
def test_the_times_are_the_runs(rows: UpstreamRows) -> None:
    assert rows.shot_zones is not None
    assert rows.shot_zones["processed_at"] == rows.shot_zones["created_at"]
    assert len(rows.shot_zones["data_hash"]) == 16
