"""The first weeks of a season: placeholders, several slices, and the same dates written again by overwriting."""

from __future__ import annotations

import datetime
from typing import NamedTuple

import pytest

from jobs.errors import ExitCode
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import requested_dates
from tests.end_to_end.store import Key, Row, Store
from transforms.catalogue import FEATURES

OPENING = datetime.date(2021, 10, 19)
FIRST_COMPUTED = datetime.date(2021, 11, 2)
REQUESTED = requested_dates(OPENING, datetime.date(2021, 11, 4), None)


class Runs(NamedTuple):
    first: RunOutcome
    rows: dict[Key, Row]
    commits: list[str]
    overwriting: RunOutcome


@pytest.fixture(scope="module")
def runs(store: Store) -> Runs:
    first = store.backfill(REQUESTED, merge_slice_rows=1)
    rows, commits = store.features(), store.commits()
    return Runs(first, rows, commits, store.backfill(REQUESTED, write_mode="overwrite", keep_staging=True))


def test_the_first_fourteen_days_are_placeholders(runs: Runs) -> None:
    assert runs.first.exit_code is ExitCode.DONE
    assert runs.first.plan.states["early_season"] == 14
    assert runs.first.plan.states["ready"] == len(runs.first.plan.dates) - 14 > 0
    for (_, date), row in runs.rows.items():
        assert row["early_season_flag"] == (date < FIRST_COMPUTED)


def test_a_placeholder_holds_no_features(runs: Runs) -> None:
    (row, *_) = [row for (_, date), row in runs.rows.items() if date == OPENING]
    assert (row["features"], row["feature_sources"], row["data_quality_issues"]) == ([], [], [])
    assert row["feature_names"] == [feature.name for feature in FEATURES]
    assert (row["feature_count"], row["feature_quality_score"], row["quality_tier"]) == (0, 0, "critical")
    assert (row["data_source"], row["is_production_ready"]) == ("early_season", False)
    assert row["insufficient_data_reason"] == "early_season_first_14_days"
    assert row["processing_decision_reason"] == "early_season_placeholder"


def test_one_commit_a_month_when_slices_are_small(runs: Runs) -> None:
    assert runs.commits.count("WRITE") == 2
    assert len({date.month for _, date in runs.rows}) == 2
    assert runs.first.rows["inserted"] == len(runs.rows) == runs.first.plan.context_rows


def test_overwriting_counts_as_a_merge_would(runs: Runs, store: Store) -> None:
    assert runs.overwriting.rows["unchanged"] == len(runs.rows)
    assert (runs.overwriting.rows["inserted"], runs.overwriting.rows["updated"]) == (0, 0)
    assert store.commits()[len(runs.commits) :] == ["WRITE"]


def test_overwriting_writes_the_same_features(runs: Runs, store: Store) -> None:
    again = store.features()
    assert {key: row["data_hash"] for key, row in again.items()} == {
        key: row["data_hash"] for key, row in runs.rows.items()
    }


def test_staging_is_kept_where_it_is_wanted(runs: Runs, store: Store) -> None:
    assert store.staging_folders() == [f"ml_feature_store_v2_staging_{runs.overwriting.run_id}"]
