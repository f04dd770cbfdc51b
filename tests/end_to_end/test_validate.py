"""Faults planted one by one in a store that holds none: each is found by its check, with its key, and by no other."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from jobs.cli.tables import print_json
from jobs.errors import ContractError, ExitCode
from jobs.planning.plan import RequestedDates
from jobs.reports.validation import Validation
from jobs.schemas.tables import ML_FEATURE_STORE, UPCOMING_PLAYER_GAME_CONTEXT
from jobs.validate import main, validate
from tests.end_to_end.store import Key, Store, november, silent
from tests.transforms.independent_hash import independent_hash
from transforms.catalogue import FEATURE_NAMES
from transforms.validation import CHECKS

DATES = november(18, 21)
PLACE_OF_PACE_SCORE = FEATURE_NAMES.index("pace_score")
OTHER_HASH = "0123456789abcdef"


def validated(store: Store, requested: RequestedDates = DATES) -> Validation:
    with store.opened() as warehouse:
        return validate(warehouse, requested, silent())


def where(key: Key) -> str:
    return f"player_lookup = '{key[0]}' AND game_date = DATE '{key[1]}'"


def with_pace_score(value: str) -> str:
    return f"transform(features, (value, place) -> IF(place = {PLACE_OF_PACE_SCORE}, {value}, value))"


def duplicate(store: Store, key: Key) -> None:
    store.sql(f"INSERT INTO {{table}} SELECT * FROM {{table}} WHERE {where(key)}")


def take_a_feature(store: Store, key: Key) -> None:
    store.sql(f"UPDATE {{table}} SET features = slice(features, 1, 24) WHERE {where(key)}")


def put_nan(store: Store, key: Key) -> None:
    features = with_pace_score("double('NaN')")
    store.sql(f"UPDATE {{table}} SET features = {features} WHERE {where(key)}")


def put_beyond_the_range(store: Store, key: Key) -> None:
    row = store.features()[key]
    row["features"][PLACE_OF_PACE_SCORE] = 3.5
    changes = f"features = {with_pace_score('3.5D')}, data_hash = '{independent_hash(row)}'"
    store.sql(f"UPDATE {{table}} SET {changes} WHERE {where(key)}")


def empty_the_hash(store: Store, key: Key) -> None:
    store.sql(f"UPDATE {{table}} SET data_hash = '' WHERE {where(key)}")


def change_the_hash(store: Store, key: Key) -> None:
    store.sql(f"UPDATE {{table}} SET data_hash = '{OTHER_HASH}' WHERE {where(key)}")


def take_the_context(store: Store, key: Key) -> None:
    store.sql(f"DELETE FROM {{table}} WHERE {where(key)}", UPCOMING_PLAYER_GAME_CONTEXT)


PLANTED: dict[str, tuple[Callable[[Store, Key], None], str, str]] = {
    "a duplicated key": (duplicate, "duplicate_keys", "2 rows"),
    "24 features": (take_a_feature, "feature_count", "24 features, feature_count 25"),
    "a NaN": (put_nan, "finite_features", "pace_score NaN"),
    "a feature out of range": (put_beyond_the_range, "feature_ranges", "pace_score 3.5"),
    "an empty hash": (empty_the_hash, "hash_set", "no data_hash"),
    "a wrong hash": (change_the_hash, "hash_equal", f"is {OTHER_HASH}, computed "),
    "an orphan": (take_the_context, "orphans", "no row of context"),
}


@pytest.fixture(scope="module")
def good(filled: Store) -> Validation:
    before = filled.files()
    validation = validated(filled)
    assert filled.files() == before
    return validation


@pytest.fixture(scope="module")
def key(filled: Store) -> Key:
    return min(key for key in filled.features() if key[1] == DATES.end)


def shown(validation: Validation) -> str:
    output = io.StringIO()
    validation.render(Console(file=output, width=200))
    return output.getvalue()


def test_every_check_holds_in_a_store_that_the_engine_wrote(good: Validation, filled: Store) -> None:
    assert [(result.check, result.failing, list(result.examples)) for result in good.checks] == [
        (check, 0, []) for check in CHECKS
    ]
    assert good.exit_code is ExitCode.DONE
    assert (good.rows, good.game_dates) == (len(filled.features()), len(filled.features_by_date()))
    assert good.rows > 0


def test_the_drift_is_that_of_the_stored_features(good: Validation, filled: Store) -> None:
    rows = list(filled.features().values())
    assert [row["feature"] for row in good.drift] == list(FEATURE_NAMES)
    for place, row in enumerate(good.drift):
        values = [stored["features"][place] for stored in rows]
        sources = [stored["feature_sources"][place] for stored in rows]
        assert (row["month"], row["number"]) == ("2021-11", len(rows))
        assert (row["lowest"], row["highest"]) == (min(values), max(values))
        assert row["mean"] == pytest.approx(sum(values) / len(values))
        assert row["share_default"] == pytest.approx(sources.count("default") / len(rows))


@pytest.mark.parametrize("planted", PLANTED)
def test_a_fault_is_found_by_its_check_alone_with_its_key(own_store: Store, key: Key, planted: str) -> None:
    plant, check, detail = PLANTED[planted]
    plant(own_store, key)
    validation = validated(own_store)
    assert [(result.check.name, result.failing) for result in validation.failed] == [(check, 1)]
    (example,) = validation.failed[0].examples
    assert (example["player_lookup"], example["game_date"]) == key
    assert example["detail"].startswith(detail)
    assert validation.exit_code is ExitCode.PARTIAL
    assert f"{key[0]} {key[1]} {detail}" in shown(validation)


def test_a_date_without_rows_is_found(own_store: Store, good: Validation) -> None:
    own_store.sql(f"DELETE FROM {{table}} WHERE game_date = DATE '{DATES.start}'")
    validation = validated(own_store)
    (result,) = validation.failed
    assert (result.check.name, result.failing) == ("dates_without_rows", 1)
    assert [example["game_date"] for example in result.examples] == [DATES.start]
    assert validation.game_dates == good.game_dates - 1
    assert validation.exit_code is ExitCode.PARTIAL


def test_dates_that_were_not_asked_for_are_not_looked_at(own_store: Store, key: Key) -> None:
    change_the_hash(own_store, key)
    listed = RequestedDates(DATES.start, DATES.end, (DATES.start,))
    validation = validated(own_store, listed)
    assert (validation.failed, validation.game_dates) == ([], 1)
    assert 0 < validation.rows == own_store.features_by_date()[DATES.start]


def test_a_range_without_games_is_nothing_to_check(filled: Store) -> None:
    requested = RequestedDates(*(DATES.start.replace(year=2019),) * 2)
    validation = validated(filled, requested)
    assert (validation.rows, validation.game_dates, validation.failed, validation.drift) == (0, 0, [], [])


def test_a_store_that_is_not_there_is_to_be_filled_first(imported: Store) -> None:
    with pytest.raises(
        ContractError, match=r"ml_feature_store_v2 in .* does not exist; run backfill_features"
    ) as refused:
        validated(imported)
    assert refused.value.exit_code is ExitCode.WRONG_INPUT


def test_a_store_without_feature_sources_is_checked_and_said_to_have_none(own_store: Store) -> None:
    folder = own_store.folder(ML_FEATURE_STORE)
    rows = own_store.spark.read.format("delta").load(str(folder)).drop("feature_sources")
    rows.write.format("delta").save(f"{folder}_without")
    shutil.rmtree(folder)
    Path(f"{folder}_without").rename(folder)
    validation = validated(own_store)
    assert (validation.failed, validation.jumps) == ([], [])
    assert {row["share_default"] for row in validation.drift} == {None}
    assert "no column feature_sources" in shown(validation)
    assert "phase4" not in shown(validation)


def test_the_tables_show_checks_and_features(good: Validation) -> None:
    text = shown(good)
    for name in (*(check.name for check in CHECKS), *FEATURE_NAMES, "features in 2021-11", "every check holds"):
        assert name in text
    assert "warning" not in text


def test_a_jump_of_defaults_is_a_warning_and_no_failure(good: Validation) -> None:
    jump = {"share_default": 0.55, "share_default_before": 0.25, "jumps": True}
    jumped = dataclasses.replace(good, drift=[{**good.drift[0], **jump}, *good.drift[1:]])
    assert jumped.exit_code is ExitCode.DONE
    warning = "warning  points_avg_last_5: 55.0% of its values in 2021-11 are defaults, 25.0% in the month before"
    assert warning in shown(jumped)
    assert [found["feature"] for found in jumped.as_json()["warnings"]] == ["points_avg_last_5"]


def test_a_feature_that_drifts_from_the_baseline_is_a_warning(own_store: Store) -> None:
    shifted = with_pace_score("IF(game_date < DATE '2021-11-20', 0D, 2.5D)")
    own_store.sql(f"UPDATE {{table}} SET features = {shifted}")
    validation = validate(own_store.warehouse, november(20, 21), silent(), baseline=november(18, 19))
    drifting = [warning.name for warning in validation.warnings if warning.kind == "drift"]
    assert drifting[0] == "pace_score"
    assert [distance.feature for distance in validation.distances] == list(FEATURE_NAMES)
    text = shown(validation)
    assert "warning  pace_score drifts from 2021-11-18 to 2021-11-19: population stability index 18.4" in text
    content = validation.as_json()
    assert content["baseline"] == "2021-11-18 to 2021-11-19"
    (warning,) = [warning for warning in content["warnings"] if warning.get("name") == "pace_score"]
    assert warning["kind"] == "drift"
    assert warning["distance"] == content["distances"]["pace_score"] == pytest.approx(18.4, abs=0.1)


def test_without_a_baseline_nothing_is_compared(good: Validation) -> None:
    assert (good.distances, good.as_json()["distances"]) == ([], {})


def test_half_a_baseline_is_refused_before_anything_starts() -> None:
    answer = CliRunner().invoke(main, ["--start", "2021-11-01", "--end", "2021-11-02", "--baseline-end", "2021-10-01"])
    assert answer.exit_code == ExitCode.WRONG_INPUT
    assert "which baseline? give both --baseline-start and --baseline-end" in answer.output


def test_json_has_the_same_facts(good: Validation, capsys: pytest.CaptureFixture[str]) -> None:
    print_json(good.as_json())
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (content["job"], content["status"], content["exit_code"]) == ("validate", "succeeded", 0)
    assert (content["rows"], content["game_dates"]) == (good.rows, good.game_dates)
    assert [(check["check"], check["failing"]) for check in content["checks"]] == [(c.name, 0) for c in CHECKS]
    assert [(row["feature"], row["mean"]) for row in content["drift"]] == [
        (r["feature"], r["mean"]) for r in good.drift
    ]


def test_without_dates_nothing_starts() -> None:
    answer = CliRunner().invoke(main, ["--json"])
    assert answer.exit_code == ExitCode.WRONG_INPUT
    assert "which dates?" in json.loads(answer.stdout)["error"]
