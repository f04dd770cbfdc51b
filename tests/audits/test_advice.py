"""What to do about a season: what is wrong, in the order in which to mend it, with the command that does."""

from __future__ import annotations

import datetime
from typing import Any

from jobs.audits.advice import Facts, last_words, what_to_do
from jobs.ledger.history import LoggedDate, LoggedRun
from jobs.ledger.liveness import Liveness
from jobs.ledger.run_row import RunRow
from jobs.planning.coverage import coverage_of
from jobs.planning.distances import Distance
from jobs.planning.run_warnings import RunWarning
from jobs.planning.source_counts import SourceCounts
from jobs.reports.season import ConstantColumn, FeatureStory, ToDo, WrittenDate
from jobs.reports.status import RunStatus
from jobs.schemas.tables import PHASE4_TABLES, SOURCES
from tests.planning.planned import NOVEMBER_1, NOVEMBER_2, NOVEMBER_3, missing_date, plan_of, planned_date

DAYS = (NOVEMBER_1, NOVEMBER_2, NOVEMBER_3)
NOON = datetime.datetime(2026, 11, 27, 12, tzinfo=datetime.timezone.utc)
BACK_FILL, FILL = "run backfill_features --here", "run backfill_upstream --here"


def command(job: str) -> str:
    return f"run {job} --here"


def written(*days: datetime.date) -> list[WrittenDate]:
    return [WrittenDate(day, 10, 90.0, None, {}, {}) for day in days]


def logged(day: datetime.date, status: str, run_id: str = "a", hour: int = 0) -> LoggedDate:
    row = dict.fromkeys(LoggedDate.__dataclass_fields__)
    reason = "missing player_daily_cache" if status == "failed" else None
    at = NOON + datetime.timedelta(hours=hour)
    return LoggedDate.of_row(
        {**row, "run_id": run_id, "game_date": day, "status": status, "reason": reason, "recorded_at": at}
    )


def run(run_id: str, job: str = "backfill_features", claim: int = 1, parameters: str = "") -> LoggedRun:
    row = {"run_id": run_id, "job": job, "status": "failed", "parameters": f'{{"claim": {claim}{parameters}}}'}
    return LoggedRun(RunRow.of_row(row), NOON)


def facts(dates: Any = None, *, lacking: str | None = None, **changed: Any) -> Facts:
    planned = [planned_date(day) for day in DAYS] if dates is None else dates
    counts = tuple(
        SourceCounts(table.name, day, 10, 10, 0) for table in SOURCES for day in DAYS if table.name != lacking
    )
    plan = plan_of(planned, counts=counts, source_rows={table.name: 30 for table in SOURCES})
    values: dict[str, Any] = {"written": written(*DAYS), "logged": {}, "unended": [], "features": []}
    return Facts(coverage_of(plan), **{**values, **changed})


def test_where_all_is_well_there_is_nothing_to_do() -> None:
    assert what_to_do(facts(), command) == []


def test_missing_precomputed_dates_are_filled_by_one_command_for_all_tables() -> None:
    planned = [planned_date(NOVEMBER_1), missing_date(NOVEMBER_2), missing_date(NOVEMBER_3)]
    failed = {day: logged(day, "failed") for day in (NOVEMBER_2, NOVEMBER_3)}
    first, then = what_to_do(facts(planned, written=written(NOVEMBER_1), logged=failed), command)
    assert first.command == f"{FILL} --start 2021-11-02 --end 2021-11-03 --only-missing"
    assert "player_daily_cache on 2 game dates (2021-11-02 to 2021-11-03); player_composite_factors on" in first.reason
    assert then.command == f"{BACK_FILL} --only-failed a"
    assert "2 game dates (2021-11-02 to 2021-11-03) failed in run a (missing player_daily_cache)" in then.reason


def test_rows_from_fallback_data_are_written_again_when_the_tables_are_filled() -> None:
    planned = [planned_date(NOVEMBER_1), missing_date(NOVEMBER_2, "write"), planned_date(NOVEMBER_3)]
    first, then = what_to_do(facts(planned), command)
    assert first.command is not None
    assert first.command.startswith(FILL)
    assert then.command == f"{BACK_FILL} --start 2021-11-02 --end 2021-11-02 --changed"


def test_a_date_that_nobody_wrote_is_only_missing() -> None:
    (item,) = what_to_do(facts(written=written(NOVEMBER_1, NOVEMBER_3)), command)
    assert item == ToDo(
        "No row in the feature store on 1 game date (2021-11-02)",
        f"{BACK_FILL} --start 2021-11-02 --end 2021-11-02 --only-missing",
    )


def test_a_game_log_that_lacks_a_date_is_for_its_owner() -> None:
    table = "player_game_summary"
    assert table not in [of_phase4.name for of_phase4 in PHASE4_TABLES]
    (item,) = what_to_do(facts(lacking=table), command)
    assert (item.reason.split(":")[0], item.command) == (
        "player_game_summary has no row on 3 game dates (2021-11-01 to 2021-11-03)",
        None,
    )


def test_a_run_that_failed_is_resumed_and_a_rollback_run_again() -> None:
    stopped = [run("a"), run("b", "rollback", parameters=', "rolled_back": "a"')]
    unended = [RunStatus(each, Liveness.ENDED) for each in stopped]
    found = [item.command for item in what_to_do(facts(unended=unended), command)]
    assert found == [f"{BACK_FILL} --resume a", "run rollback --here a"]


def test_features_that_stand_out_are_looked_at_by_month_the_furthest_first() -> None:
    far = [("pace_score", 0.4), ("team_pace", 0.9), ("home_away", 0.1)]
    stories = [
        FeatureStory(name, "", [], Distance(name, index, 900, "2021-11"), drifts=index > 0.25) for name, index in far
    ]
    constant = FeatureStory("back_to_back", "", [], constant=True)
    found = what_to_do(facts(features=[*stories, constant]), command)
    look = "run validate --here --start 2021-11-01 --end 2021-11-03"
    then = "Look at where the values come from"
    assert found == [
        ToDo(f"back_to_back: one value in every row. {then}", look),
        ToDo(
            "In 2021-11 far from the other months (population stability index): team_pace 0.90, pace_score 0.40. "
            f"{then}",
            look,
        ),
    ]


def test_features_far_from_the_baseline_are_looked_at_on_all_dates() -> None:
    drift = FeatureStory("pace_score", "", [], Distance("pace_score", 0.4, 900), drifts=True)
    (item,) = what_to_do(facts(features=[drift]), command)
    assert item.reason.startswith("Far from the baseline (population stability index): pace_score 0.40.")
    assert item.command == "run validate --here --start 2021-11-01 --end 2021-11-03"


def test_the_last_word_on_a_date_is_that_of_the_run_that_claimed_it_last() -> None:
    runs = {"a": run("a", claim=1), "b": run("b", claim=2)}
    dates = [logged(NOVEMBER_1, "written", "b", hour=0), logged(NOVEMBER_1, "failed", "a", hour=5)]
    assert last_words(dates, runs)[NOVEMBER_1].run_id == "b"
    assert last_words([*dates, logged(NOVEMBER_2, "failed", "of another table")], runs).keys() == {NOVEMBER_1}


def test_players_without_a_context_row_may_be_given_rows() -> None:
    (item,) = what_to_do(facts([planned_date(day, played_without_context=2) for day in DAYS]), command)
    assert item.reason.startswith("6 players played on 3 game dates (2021-11-01 to 2021-11-03) and have no context row")
    assert item.command == f"{BACK_FILL} --start 2021-11-01 --end 2021-11-03 --add-played"


def jump(name: str, day: datetime.date) -> RunWarning:
    return RunWarning("default_jump", name, f"{name}: defaults on {day}", {"game_date": str(day), "dates": 1})


def test_defaults_on_a_date_from_fallback_data_are_told_with_it() -> None:
    planned = [planned_date(NOVEMBER_1), missing_date(NOVEMBER_2, "write"), planned_date(NOVEMBER_3)]
    drift = FeatureStory("pace_score", "", [], Distance("pace_score", 0.4, 900, "2021-11"), drifts=True)
    warnings = [jump("pace_score", NOVEMBER_2), jump("fatigue_score", NOVEMBER_2)]
    found = [item.reason for item in what_to_do(facts(planned, warnings=warnings, features=[drift]), command)]
    assert found[1:] == [
        "Rows from fallback data on 1 game date (2021-11-02), where pace_score, fatigue_score are mostly defaults. "
        "Once the tables are filled, write them again",
        "In 2021-11 far from the other months (population stability index): pace_score 0.40. 1 of its dates "
        "were computed from fallback data: write those again first. Look at where the values come from",
    ]


def test_defaults_that_jump_on_the_same_dates_are_one_thing_to_do() -> None:
    warnings = [jump("pace_score", NOVEMBER_2), jump("fatigue_score", NOVEMBER_2), jump("team_pace", NOVEMBER_3)]
    found = [item.reason for item in what_to_do(facts(warnings=warnings), command)]
    then = "Look at where the values come from"
    assert found == [
        f"pace_score: defaults on 2021-11-02; the same of fatigue_score. {then}",
        f"team_pace: defaults on 2021-11-03. {then}",
    ]


def test_columns_with_one_value_are_for_the_owner_of_their_table() -> None:
    of_context = [
        ConstantColumn("upcoming_player_game_context", name, value, 900)
        for name, value in (("back_to_back", False), ("opponent_days_rest", 0))
    ]
    (item,) = what_to_do(facts(constant=of_context), command)
    assert item == ToDo(
        "upcoming_player_game_context has one value in all 900 rows: back_to_back false, opponent_days_rest 0. Ask "
        "whoever fills the table"
    )


def test_warnings_of_the_runs_have_their_command() -> None:
    warnings = [
        RunWarning("out_of_range", "player_daily_cache.points_avg_last_5", "out", {}),
        RunWarning("default_jump", "pace_score", "jumps", {}),
        RunWarning("constant_feature", "back_to_back", "told with the features", {}),
    ]
    found = [(item.reason.split(".")[0], item.command) for item in what_to_do(facts(warnings=warnings), command)]
    dates = "--start 2021-11-01 --end 2021-11-03"
    assert found == [
        ("out", f"{FILL} --table player_daily_cache {dates}"),
        ("jumps", f"run validate --here {dates}"),
    ]
