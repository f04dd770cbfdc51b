"""The pictures: what is as tall as what, in which order, and how few marks they take."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace

from jobs.reports.page.svg import feature_picture, heat_map, quality_lines, stacked_bars, timeline
from jobs.reports.season import CoverageCell, WrittenDate
from tests.reports.page.facts import CONSTANT, DRIFTS, game_dates, season

DAYS = game_dates(4)


def path(svg: str, css: str) -> str:
    """The outline of a class; the AssertionError of a test that expects one more or less."""
    (found,) = re.findall(rf'<path class="{css}" d="([^"]*)"', svg)
    return str(found)


def test_a_cell_is_as_tall_as_its_share_and_a_gap_is_full() -> None:
    cells = [
        CoverageCell(DAYS[0], "present", 1.0),
        CoverageCell(DAYS[1], "present", 0.5),
        CoverageCell(DAYS[2], "missing", 0.0),
        CoverageCell(DAYS[3], "thin", 0.01),
    ]
    svg = heat_map({"a_table": cells}, DAYS)
    assert path(svg, "present") == "M208 18V2H408V10H608V18H1008V18z"
    assert path(svg, "missing") == "M208 18H608V2H808V18H1008V18z"
    assert path(svg, "thin") == "M208 18H808V15H1008V18z"
    assert "not_needed" not in svg


def test_kinds_stand_on_each_other_in_their_order() -> None:
    svg = stacked_bars([(DAYS[0], {"gold": 75, "poor": 25}), (DAYS[1], {"gold": 100})], ["gold", "poor"], "tier")
    assert path(svg, "tier_gold") == "M48 160V48H448V10H848V160z"
    assert path(svg, "tier_poor") == "M48 160V10H848V160z"
    assert svg.index("tier_poor") < svg.index("tier_gold")


def test_a_date_without_rows_has_no_bar() -> None:
    svg = stacked_bars([(DAYS[0], {"gold": 5}), (DAYS[1], {}), (DAYS[2], {"gold": 5})], ["gold"], "tier")
    assert path(svg, "tier_gold") == "M48 160V10H315V160H582V10H849V160z"


def test_lines_of_quality_stop_where_a_date_has_no_rows() -> None:
    written = [WrittenDate(day, 5, 50.0, None if day == DAYS[3] else 1.0, {}, {}) for day in DAYS if day != DAYS[1]]
    svg = quality_lines(DAYS, written)
    assert path(svg, "quality") == "M148 55h1M548 55l200 0"
    assert path(svg, "ready") == "M148 10h1M548 10h1"
    assert 'class="ready"' not in quality_lines(DAYS, [])


def test_months_are_named_where_there_is_room() -> None:
    days = [datetime.date(2021, 10, 31), datetime.date(2021, 11, 1), *game_dates(400)[30:]]
    svg = stacked_bars([(day, {}) for day in days], [], "tier")
    assert "Oct" in svg
    assert svg.count(">Nov<") == 1


def test_dates_are_named_below_two_months_or_less() -> None:
    days = [datetime.date(2021, 11, day) for day in range(1, 31)]
    svg = stacked_bars([(day, {}) for day in days], [], "tier")
    assert ">Nov 1<" in svg
    assert 3 <= svg.count(">Nov ") <= len(days) / 2


def test_the_month_that_drifts_is_marked_behind_its_feature() -> None:
    by_name = {story.name: feature_picture(story) for story in season().features}
    assert by_name[DRIFTS].index("marked_month") < by_name[DRIFTS].index("band")
    assert [name for name, svg in by_name.items() if "marked_month" in svg] == [DRIFTS]


def test_a_feature_that_never_changes_is_a_line() -> None:
    (story,) = [story for story in season().features if story.name == CONSTANT]
    flat = replace(story, weeks=[replace(week, low=1.0, median=1.0, high=1.0) for week in story.weeks])
    svg = feature_picture(flat)
    assert path(svg, "median").startswith("M104 70l56 0 56 0")
    assert ">1</text>" in svg


def test_a_feature_without_values_or_with_one_week_is_drawn() -> None:
    story = season().features[0]
    assert "<path" not in feature_picture(replace(story, weeks=[]))
    assert path(feature_picture(replace(story, weeks=story.weeks[:1])), "median").endswith("h1")


def test_sources_without_values_have_no_strip() -> None:
    svg = feature_picture(season().features[0])
    assert "source_calculated" not in svg
    assert svg.index("source_default") < svg.index("source_phase3") < svg.index("source_phase4")


def test_a_run_is_as_long_as_its_share_of_the_longest() -> None:
    run = season().runs[0]
    svg = timeline(replace(run, seconds={"plan": 10.0, "merge": 30.0, "read": 0.0}), 80.0)
    assert path(svg, "phase_plan").startswith("M0 2h100v")
    assert path(svg, "phase_merge").startswith("M100 2h300v")
    assert "phase_read" not in svg
