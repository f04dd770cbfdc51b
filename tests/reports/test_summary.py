"""The summary: the same numbers as tables for a person and as one JSON object."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from jobs.cli.tables import print_json
from jobs.planning.coverage import coverage_of
from jobs.planning.outcome import RunOutcome
from jobs.planning.thin_tables import ThinTable
from jobs.reports.coverage import coverage_as_json
from jobs.reports.summary import Summaries, Summary
from tests.planning.planned import (
    NOVEMBER_1,
    NOVEMBER_2,
    NOVEMBER_3,
    missing_date,
    outcome_of,
    plan_of,
    planned_date,
    skip,
    write,
)


@pytest.fixture
def outcome() -> RunOutcome:
    plan = plan_of(
        [planned_date(NOVEMBER_1), missing_date(NOVEMBER_2, "fail"), missing_date(NOVEMBER_3, "skip")],
        unkeyed_source_rows={"player_game_summary": 2, "nbac_schedule": 0},
    )
    outcome = outcome_of(plan, seconds={"read": 1.234, "plan": 0.5}, notes=["something to know [of]"])
    outcome.record_skips([skip(NOVEMBER_1, "anna")])
    write(outcome, NOVEMBER_1, inserted=5, updated=3, unchanged=1)
    return outcome


def printed(outcome: RunOutcome) -> str:
    text = io.StringIO()
    Summary(outcome).render(Console(file=text, width=200, highlight=False, soft_wrap=True))
    return text.getvalue()


def test_json_says_what_became_of_the_run(outcome: RunOutcome, capsys: pytest.CaptureFixture[str]) -> None:
    print_json(Summary(outcome).as_json())
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    summary: dict[str, Any] = json.loads(lines[0])
    both = ["player_daily_cache", "player_composite_factors"]
    assert (summary["status"], summary["exit_code"], summary["game_dates"]) == ("partial", 3, 3)
    assert summary["requested"] == "2021-11-01 to 2021-11-03"
    assert summary["dates_by_state"] == {"no_games": 0, "early_season": 0, "ready": 1, "missing_upstream": 2}
    assert summary["dates_by_outcome"] == {"written": 1, "failed": 1, "skipped": 1}
    assert summary["rows"] == {"inserted": 5, "updated": 3, "unchanged": 1, "skipped": 1, "not_computed": 20}
    assert summary["accounting"] == {"context_rows": 30, "sum_of_outcomes": 30, "closes": True}
    of_date = {"missing_tables": both, "reason": f"missing {', '.join(both)}", "context_rows": 10}
    assert summary["failed_dates"] == [{"game_date": "2021-11-02", **of_date}]
    assert summary["skipped_dates"] == [{"game_date": "2021-11-03", **of_date}]
    assert summary["skipped_rows_by_reason"] == {"invalid_input": 1}
    assert summary["mean_quality"] == 90.0
    assert summary["seconds"] == {"read": 1.23, "plan": 0.5}
    assert summary["unkeyed_source_rows"] == {"player_game_summary": 2}
    assert summary["notes"] == ["something to know [of]"]


def test_dates_from_fallback_data_are_told_by_what_they_lack() -> None:
    thin = ThinTable("player_daily_cache", 2, 236)
    dates = [
        missing_date(NOVEMBER_1, "write"),
        missing_date(NOVEMBER_2, "write"),
        replace(missing_date(NOVEMBER_3, "write"), missing_tables=("player_daily_cache",), thin_tables=(thin,)),
    ]
    outcome = outcome_of(plan_of(dates))
    lines = [line for line in printed(outcome).splitlines() if line.startswith("fallback")]
    assert lines == [
        "fallback 2021-11-01 to 2021-11-02: missing player_daily_cache, player_composite_factors",
        "fallback 2021-11-03: missing player_daily_cache (2 of 236 players)",
    ]
    found = Summary(outcome).as_json()["fallback_dates"]
    assert [date["game_date"] for date in found] == ["2021-11-01", "2021-11-02", "2021-11-03"]


def test_players_who_played_without_context_are_told_by_date() -> None:
    dates = [planned_date(NOVEMBER_1, played_without_context=3), planned_date(NOVEMBER_2, played_without_context=11)]
    outcome = outcome_of(plan_of(dates, played_on_no_game_date={NOVEMBER_3: 200}))
    assert Summary(outcome).as_json()["played_without_context"] == {
        "players": 214,
        "by_date": {"2021-11-01": 3, "2021-11-02": 11, "2021-11-03": 200},
    }
    assert (
        "played   14 players played on 2 of 2 game days without a context row (--add-played gives them rows): "
        "2021-11-01 3, 2021-11-02 11" in printed(outcome)
    )
    assert "played  " not in printed(outcome_of(plan_of([planned_date(NOVEMBER_1)])))


def test_a_person_reads_the_same(outcome: RunOutcome) -> None:
    text = printed(outcome)
    assert "failed   2021-11-02  missing player_daily_cache, player_composite_factors" in text
    assert "skipped  2021-11-03  missing player_daily_cache, player_composite_factors" in text
    assert "note     something to know [of]" in text
    assert "skipped row 2021-11-01  anna  invalid_input: game_id is NULL" in text
    assert (
        "30 context rows = 5 inserted + 3 updated + 1 unchanged + 1 skipped + 20 not computed: row counts reconcile"
        in text
    )
    assert text.splitlines()[-1] == "run 20211101T000000Z-abcdef: partial, 1 dates failed"
    assert "  ./spark-submit.sh local x --only-failed 20211101T000000Z-abcdef --on-missing fallback" in text


def test_row_counts_that_do_not_reconcile_are_said(outcome: RunOutcome) -> None:
    outcome.merged_rows.update(inserted=1)
    assert "row counts DO NOT RECONCILE" in printed(outcome)
    assert Summary(outcome).as_json()["accounting"]["closes"] is False


def test_a_run_that_wrote_all(outcome: RunOutcome) -> None:
    complete = outcome_of(plan_of([planned_date(NOVEMBER_1)]))
    write(complete, NOVEMBER_1, inserted=10)
    assert printed(complete).splitlines()[-1].endswith(": succeeded")
    assert (Summary(complete).as_json()["status"], Summary(complete).as_json()["exit_code"]) == ("succeeded", 0)


def test_nothing_to_do() -> None:
    nothing = outcome_of(plan_of([]))
    summary = Summary(nothing).as_json()
    assert (summary["status"], summary["mean_quality"], summary["accounting"]["closes"]) == ("succeeded", None, True)
    assert "0 context rows" in printed(nothing)


def test_many_skipped_rows_are_counted_not_listed() -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1, context_rows=50)]))
    outcome.record_skips([skip(NOVEMBER_1, f"player{number}") for number in range(50)])
    text = printed(outcome)
    assert text.count("skipped 50 rows") == 2
    assert "skipped 50 rows  invalid_input, for example 2021-11-01  player0  invalid_input: " in text


def test_a_dry_run_shows_sources_and_statements(outcome: RunOutcome) -> None:
    outcome.dry_run = {"source_rows": {"player_game_summary": 1234}, "statements": ["MERGE INTO target[0]\nUSING x"]}
    text = printed(outcome)
    assert "source   player_game_summary  1,234 rows" in text
    assert "MERGE INTO target[0]\nUSING x" in text
    assert "row counts" not in text
    assert text.splitlines()[-1].endswith("planned only, nothing written")
    summary = Summary(outcome).as_json()
    assert (summary["status"], summary["dry_run"]) == ("planned", outcome.dry_run)


def test_a_dry_run_shows_the_coverage(outcome: RunOutcome) -> None:
    assert "coverage" not in Summary(outcome).as_json()
    outcome.dry_run = {"source_rows": {}, "statements": []}
    assert Summary(outcome).as_json()["coverage"] == coverage_as_json(coverage_of(outcome.plan))
    assert "bottleneck: player_daily_cache, player_composite_factors, each missing on 2 of 3 game days" in printed(
        outcome
    )


def test_skipped_dates_of_the_early_season_are_one_line() -> None:
    early = [planned_date(day, state="early_season", action="skip") for day in (NOVEMBER_1, NOVEMBER_2)]
    text = printed(outcome_of(plan_of(early)))
    assert "skipped  2 of the dates, 2021-11-01 to 2021-11-02: early season: no row is due" in text


def test_a_run_that_filled_tables_first_shows_them_too(outcome: RunOutcome) -> None:
    filled = outcome_of(plan_of([planned_date(NOVEMBER_1)]), table="player_daily_cache")
    summary = Summary(outcome, [filled])
    assert "upstream" not in Summary(outcome).as_json()
    assert [run["table"] for run in summary.as_json()["upstream"]] == ["player_daily_cache"]
    text = io.StringIO()
    summary.render(Console(file=text, width=200))
    assert text.getvalue().index("player_daily_cache  2021-11-01") < text.getvalue().index("partial, 1 dates failed")


def test_several_runs_are_one_object(outcome: RunOutcome) -> None:
    complete = outcome_of(plan_of([planned_date(NOVEMBER_1)]))
    summaries = Summaries("backfill_upstream", [outcome, complete])
    assert (summaries.exit_code, summaries.as_json()["status"], len(summaries.as_json()["runs"])) == (3, "succeeded", 2)
    nothing = Summaries("backfill_upstream", [])
    assert (nothing.exit_code, nothing.as_json()["status"]) == (0, "nothing_to_do")
