"""The report of the small league: its facts against the store and the ledger, and the page that the command writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from jobs.config.settings import load_settings
from jobs.errors import ExitCode
from jobs.planning.plan import RequestedDates
from jobs.report import main, report, write_page
from jobs.reports.season import SeasonReport
from jobs.schemas.tables import SOURCES
from tests.end_to_end.in_process import answer_of
from tests.end_to_end.store import Store, november, silent
from tests.reports.page.browser import WIDTHS, looked_at, opened_chromium
from transforms.catalogue import FEATURE_NAMES

FOUR_DAYS = november(18, 21)
WRITTEN = ("--start", "2021-11-18", "--end", "2021-11-21")


def reported(store: Store, requested: RequestedDates, baseline: RequestedDates | None = None) -> SeasonReport:
    settings = load_settings({"warehouse_path": store.root}, environment={})
    return report(store.warehouse, settings, requested, silent(), baseline=baseline)


@pytest.fixture(scope="module")
def facts(filled: Store) -> SeasonReport:
    before = filled.files()
    found = reported(filled, november(16, 21), november(16, 18))
    assert filled.files() == before
    return found


def test_every_source_table_has_a_cell_for_every_game_date(facts: SeasonReport) -> None:
    assert list(facts.coverage) == [table.name for table in SOURCES]
    assert len(facts.game_dates) >= 4
    for cells in facts.coverage.values():
        assert [cell.game_date for cell in cells] == facts.game_dates
    states = {cell.state for cell in facts.coverage["upcoming_player_game_context"]}
    shares = {cell.share for cell in facts.coverage["team_offense_game_summary"]}
    assert (states, shares) == ({"present"}, {1.0})


def test_what_is_written_is_what_the_store_holds(facts: SeasonReport, filled: Store) -> None:
    assert {date.game_date: date.rows for date in facts.written} == filled.features_by_date()
    for date in facts.written:
        assert sum(date.tiers.values()) == sum(date.sources.values()) == date.rows


def test_the_features_are_those_of_the_rows(facts: SeasonReport, filled: Store) -> None:
    assert [story.name for story in facts.features] == list(FEATURE_NAMES)
    rows = list(filled.features().values())
    for place, story in enumerate(facts.features):
        values = [row["features"][place] for row in rows]
        assert sum(week.number for week in story.weeks) == len(values)
        assert min(week.low for week in story.weeks) >= min(values)
        assert max(week.high for week in story.weeks) <= max(values)
        assert story.distance is not None
        assert story.distance.month is None


def test_the_run_that_wrote_the_dates_is_there_with_its_phases(facts: SeasonReport, filled: Store) -> None:
    (run,) = facts.runs
    assert (run.job, run.table, run.status) == ("backfill_features", "ml_feature_store_v2", "succeeded")
    assert run.dates == len(filled.features_by_date())
    assert run.rows["inserted"] == len(filled.features())
    assert run.seconds["merge"] > 0


def test_dates_without_rows_come_with_the_command_that_writes_them(facts: SeasonReport, filled: Store) -> None:
    unwritten = [day for day in facts.game_dates if day not in filled.features_by_date()]
    assert unwritten
    commands = [item.command for item in facts.todo if item.reason.startswith("No row in the feature store")]
    assert commands == [
        f"./spark-submit.sh local backfill_features --warehouse delta --warehouse-path {filled.root} "
        f"--start {min(unwritten)} --end {max(unwritten)} --only-missing"
    ]


def test_points_that_are_doubled_stand_out_first_and_against_the_baseline(own_store: Store) -> None:
    doubled = "transform(features, (value, place) -> IF(place = 0, value * 2 + 12, value))"
    own_store.sql(f"UPDATE {{table}} SET features = {doubled} WHERE game_date >= DATE '2021-11-20'")
    found = reported(own_store, november(20, 21), november(18, 19))
    story = found.features[0]
    assert (story.name, story.drifts) == ("points_avg_last_5", True)
    (item,) = [item for item in found.todo if item.reason.startswith("Far from the baseline")]
    assert "points_avg_last_5" in item.reason


def test_the_page_is_one_file_and_the_json_has_the_same_facts(
    filled: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    code, text = answer_of(main, filled, monkeypatch, *WRITTEN, "--output", str(page), "--json")
    content = json.loads(text)
    assert (code, content["status"], content["output"]) == (ExitCode.DONE, "succeeded", str(page))
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    html = page.read_text()
    assert [word for word in ("<script", "://", "@import") if word in html] == []
    assert f"{len(filled.features()):,}</strong> rows on" in html
    assert [date["rows"] for date in content["written"]] == list(filled.features_by_date().values())
    assert [feature["feature"] for feature in content["features"]] == list(FEATURE_NAMES)


def test_a_browser_shows_the_whole_page_at_any_width(facts: SeasonReport, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    write_page(page, facts)
    with opened_chromium() as browser:
        looked = [looked_at(browser, page, width, tables=True, check=width == min(WIDTHS)) for width in WIDTHS]
    assert [(each.complaints, each.unfit, each.serious) for each in looked] == [([], [], [])] * len(WIDTHS)
    assert looked[0].sections == ["todo", "coverage", "written", "features", "runs", "left-out"]


def test_a_store_that_was_never_filled_has_a_report_that_says_so(imported: Store) -> None:
    found = reported(imported, FOUR_DAYS)
    assert (found.rows, found.features, found.runs) == (0, [], [])
    assert any("does not exist yet" in note for note in found.notes)
    assert any(item.reason.startswith("No row in the feature store") for item in found.todo)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (WRITTEN, "where to? give --output FILE.html, or --json"),
        ((*WRITTEN, "--output", "/"), "--output / is a folder"),
        ((*WRITTEN, "--output", "/no/such/folder/x.html"), "there is no folder /no/such/folder"),
        ((*WRITTEN, "--output", "x.html", "--baseline-start", "2021-11-01"), "which baseline? give both"),
    ],
)
def test_what_cannot_be_drawn_is_said_before_anything_starts(arguments: tuple[str, ...], told: str) -> None:
    answer = CliRunner().invoke(main, list(arguments))
    assert answer.exit_code == ExitCode.WRONG_INPUT
    assert told in answer.output
