"""Features 18 to 20: where the shots of the last 10 games came from."""

from __future__ import annotations

from tests.transforms.rows import FeatureRow, Story, about, log


@about(Story(games=log(paint_attempts=[4, 6], mid_range_attempts=[1, 3], three_pt_attempts=[5, 1])))
def test_a_zone_is_its_share_of_the_attempts(row: FeatureRow) -> None:
    assert row.feature("pct_paint") == (0.5, "phase3")
    assert row.feature("pct_mid_range") == (0.2, "phase3")
    assert row.feature("pct_three") == (0.3, "phase3")


@about(
    *[
        Story(
            games=[
                {"days_before": 2, "paint_attempts": 3, "mid_range_attempts": 0, "three_pt_attempts": 1},
                {
                    "days_before": 4,
                    **{"paint_attempts": 9, "mid_range_attempts": 9, "three_pt_attempts": 9, zone: None},
                },
            ]
        )
        for zone in ("paint_attempts", "mid_range_attempts", "three_pt_attempts")
    ]
)
def test_a_game_with_a_null_count_is_left_out_of_all_three_sums(row: FeatureRow) -> None:
    assert row.feature("pct_paint") == (0.75, "phase3")
    assert row.feature("pct_mid_range") == (0.0, "phase3")
    assert row.feature("pct_three") == (0.25, "phase3")


@about(
    Story(
        games=log(
            paint_attempts=[50, *[1] * 9, None],
            mid_range_attempts=[0, *[1] * 9, 9],
            three_pt_attempts=[0, *[2] * 9, 9],
            season_year=[2020, *[2020] * 4, *[2021] * 6],
        )
    )
)
def test_the_shots_are_those_of_the_last_10_games_also_when_one_of_them_is_left_out(row: FeatureRow) -> None:
    assert row.feature("pct_paint") == (0.25, "phase3")
    assert row.feature("pct_three") == (0.5, "phase3")


@about(
    Story(),
    Story(games=log(paint_attempts=[0], mid_range_attempts=[0], three_pt_attempts=[0])),
    Story(games=log(paint_attempts=[5], mid_range_attempts=[None], three_pt_attempts=[5])),
)
def test_without_attempts_the_shares_are_missing(row: FeatureRow) -> None:
    assert row.feature("pct_paint") == (0.30, "default")
    assert row.feature("pct_mid_range") == (0.20, "default")
    assert row.feature("pct_three") == (0.35, "default")
