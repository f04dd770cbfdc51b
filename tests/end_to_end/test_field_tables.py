"""Tables as they are deployed: a schedule that tells the phase otherwise, a target with columns of other processes."""

from __future__ import annotations

import datetime

import pytest

from jobs.backfill import sources
from jobs.errors import ContractError
from jobs.schemas.tables import NBAC_SCHEDULE, PLAYER_GAME_SUMMARY, UPCOMING_PLAYER_GAME_CONTEXT
from jobs.validate import validate
from tests.end_to_end.store import Store, november, silent

BOOLEANS = (
    "season_phase = 'regular_season' AS is_regular_season",
    "season_phase = 'playoffs' AS is_playoffs",
)


def with_phases(store: Store, *phases: str) -> None:
    """Writes the schedule anew, its phase by these columns."""
    of_choices = {name for choice in NBAC_SCHEDULE.choices for name in choice}
    kept = [name for name in NBAC_SCHEDULE.column_names if name not in of_choices]
    folder = str(store.folder(NBAC_SCHEDULE))
    rows = store.spark.read.format("delta").load(folder).selectExpr(*kept, *phases)
    rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(folder)


@pytest.mark.parametrize("phases", [("season_phase",), BOOLEANS, ("season_phase", *BOOLEANS)])
def test_the_schedule_is_read_with_all_three_phase_columns_the_absent_ones_null(
    own_store: Store, phases: tuple[str, ...]
) -> None:
    with_phases(own_store, *phases)
    rows = sources.open_sources(own_store.warehouse, november(18, 21), [NBAC_SCHEDULE])[NBAC_SCHEDULE.name]
    assert rows.columns == NBAC_SCHEDULE.column_names
    there = {phase.split(" AS ")[-1] for phase in phases}
    filled = {name for name in rows.columns if rows.where(f"{name} IS NOT NULL").limit(1).count()}
    assert {name for choice in NBAC_SCHEDULE.choices for name in choice} & filled == there


def test_rows_of_another_version_stop_the_run_before_anything_is_written(own_store: Store) -> None:
    own_store.sql(
        "UPDATE {table} SET feature_version = 'v2_33', data_hash = 'theirs' WHERE game_date <= DATE '2021-11-19'"
    )
    held = own_store.sql("SELECT COUNT(*) AS rows FROM {table} WHERE feature_version = 'v2_33'")[0]["rows"]
    before = own_store.files()
    with pytest.raises(ContractError) as refused:
        own_store.backfill(november(18, 21))
    assert (
        f"column feature_version: on the requested dates it holds {held} rows of v2_33 (2021-11-18 to 2021-11-19), "
        "not of v1_baseline_25; choose other dates or another target, or give --replace-versions" in str(refused.value)
    )
    assert (refused.value.exit_code, own_store.files(), own_store.staging_folders()) == (2, before, [])
    assert own_store.backfill(november(20, 21)).rows["unchanged"]
    replaced = own_store.backfill(november(18, 21), replace_versions=True)
    assert replaced.rows["updated"] == held
    assert {row["feature_version"] for row in own_store.features().values()} == {"v1_baseline_25"}


def test_a_target_with_an_optional_column_of_another_type_and_forty_more_is_written(own_store: Store) -> None:
    """Those of other processes stay as they are; on insert they are NULL."""
    foreign = [f"v2_column_{number} STRING" for number in range(40)]
    own_store.sql("ALTER TABLE {table} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    own_store.sql("ALTER TABLE {table} DROP COLUMN feature_sources")
    own_store.sql(f"ALTER TABLE {{table}} ADD COLUMNS (feature_sources STRING, {', '.join(foreign)})")
    own_store.sql("UPDATE {table} SET feature_sources = 'theirs', v2_column_7 = 'kept', data_hash = 'old'")
    outcome = own_store.backfill(november(18, 22))
    assert outcome.rows["updated"]
    assert outcome.rows["inserted"]
    (note,) = [note for note in outcome.notes if "feature_sources" in note]
    assert "the target's column feature_sources is STRING, expected ARRAY<STRING>; it is left alone" in note
    for row in own_store.features().values():
        of_others = (row["feature_sources"], row["v2_column_7"], row["v2_column_8"])
        assert of_others == ((None, None, None) if row["game_date"].day == 22 else ("theirs", "kept", None))


def test_a_third_of_the_players_taken_out_of_context_is_named_by_date(own_store: Store) -> None:
    own_store.sql(
        "DELETE FROM {table} WHERE game_date BETWEEN DATE '2021-11-18' AND DATE '2021-11-21' "
        "AND pmod(hash(player_lookup), 100) < 35",
        UPCOMING_PLAYER_GAME_CONTEXT,
    )
    own_store.sql("DELETE FROM {table}")
    outcome = own_store.backfill(november(18, 21))
    counted = outcome.plan.played_without_context
    played = played_without_row(own_store)
    assert counted == played
    assert sum(counted.values()) > 5
    in_ledger = own_store.ledger(outcome.run_id)
    assert {row["game_date"]: row["played_without_context"] for row in in_ledger if row["played_without_context"]} == (
        counted
    )
    found = validate(own_store.warehouse, november(18, 21), silent(), strict=True)
    (warning,) = [warning for warning in found.warnings if warning.kind == "played_without_context"]
    assert warning.values["by_date"] == {str(day): players for day, players in counted.items()}
    assert found.exit_code == 3
    assert validate(own_store.warehouse, november(18, 21), silent()).exit_code == 0


def played_without_row(store: Store) -> dict[datetime.date, int]:
    """By date, of the game log itself."""
    rows = {(row["player_lookup"], row["game_date"]) for row in store.features().values()}
    log = store.sql(
        "SELECT DISTINCT player_lookup, game_date FROM {table} WHERE game_date BETWEEN DATE '2021-11-18' AND "
        "DATE '2021-11-21' AND (points > 0 OR points = 0 AND minutes_played > 0)",
        PLAYER_GAME_SUMMARY,
    )
    missing = [row["game_date"] for row in log if (row["player_lookup"], row["game_date"]) not in rows]
    return {day: missing.count(day) for day in sorted(set(missing))}


def test_add_played_gives_each_of_them_a_row_that_prune_and_validate_keep(own_store: Store) -> None:
    own_store.sql(
        "DELETE FROM {table} WHERE game_date BETWEEN DATE '2021-11-18' AND DATE '2021-11-21' "
        "AND pmod(hash(player_lookup), 100) < 35",
        UPCOMING_PLAYER_GAME_CONTEXT,
    )
    own_store.sql("DELETE FROM {table}")
    outcome = own_store.backfill(november(18, 21), add_played=True)
    played = sum(outcome.plan.played_without_context.values())
    assert played_without_row(own_store) == {}
    added = [
        row for row in own_store.features().values() if row["processing_decision_reason"] == "computed_from_game_log"
    ]
    assert len(added) == played > 5
    for row in added:
        assert None not in (row["game_id"], row["opponent_team_abbr"], row["is_home"])
        assert (row["universal_player_id"], row["days_rest"]) == (None, None)
    assert outcome.plan.context_rows == sum(outcome.rows.values())
    pruned = own_store.backfill(november(18, 21), prune=True)
    assert pruned.merged_rows["pruned"] == 0
    found = validate(own_store.warehouse, november(18, 21), silent())
    assert found.failed == []
    assert [warning for warning in found.warnings if warning.kind == "played_without_context"] == []
    gone = added[0]
    own_store.sql(
        f"DELETE FROM {{table}} WHERE player_lookup = '{gone['player_lookup']}' AND game_date = DATE "
        f"'{gone['game_date']}'",
        PLAYER_GAME_SUMMARY,
    )
    assert [result.check.name for result in validate(own_store.warehouse, november(18, 21), silent()).failed] == [
        "orphans"
    ]
    assert own_store.backfill(november(18, 21), prune=True).merged_rows["pruned"] == 1
