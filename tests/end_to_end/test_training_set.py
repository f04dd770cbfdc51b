"""A training set against the rows that it is made of: labels, splits, exclusions, the digest, and what is refused."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from jobs.audits.late_rows import late_rows
from jobs.errors import ConfigurationError, ContractError, ExitCode, LeakageError
from jobs.export_training_set import check_splits, export_training_set
from jobs.reports.training_set import TrainingSet
from jobs.schemas.tables import ML_FEATURE_STORE, PLAYER_DAILY_CACHE, PLAYER_GAME_SUMMARY
from tests.end_to_end.store import Row, Store, november
from transforms.catalogue import FEATURE_NAMES
from transforms.training_set import Selection

DAYS = november(18, 21)
TEST_DAY = datetime.date(2021, 11, 21)


def exported(store: Store, folder: Path, **asked: Any) -> TrainingSet:
    with store.opened() as warehouse:
        return export_training_set(warehouse, DAYS, str(folder), Selection(**asked))


def rows_in(folder: Path, split: str) -> list[Row]:
    """The rows of a split's files, in the order of the files."""
    files = sorted((folder / split).glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def newest_games(store: Store) -> dict[tuple[str, datetime.date], Row]:
    """The newest row of the game log of each player and date."""
    found: dict[tuple[str, datetime.date], Row] = {}
    for row in sorted(store.rows(PLAYER_GAME_SUMMARY), key=lambda row: row["processed_at"]):
        found[row["player_lookup"], row["game_date"]] = row
    return found


def was_played(game: Row) -> bool:
    points, minutes = game["points"], game["minutes_played"]
    return points is not None and (points > 0 or (points == 0 and minutes is not None and minutes > 0))


def test_each_row_is_a_played_game_with_the_label_of_the_log(filled: Store, tmp_path: Path) -> None:
    found = exported(filled, tmp_path / "set", test_start=TEST_DAY)
    games = newest_games(filled)
    stored = filled.features()
    for split in ("train", "test"):
        for row in rows_in(tmp_path / "set", split):
            key = row["player_lookup"], row["game_date"]
            assert was_played(games[key])
            assert (row["label"], row["team_abbr"]) == (games[key]["points"], games[key]["team_abbr"])
            assert (row["game_date"] >= TEST_DAY) == (split == "test")
            expected = [
                None if source == "default" else value
                for value, source in zip(stored[key]["features"], stored[key]["feature_sources"], strict=True)
            ]
            assert [row[name] for name in FEATURE_NAMES] == expected
    played = {key for key, game in games.items() if was_played(game) and key[1] in DAYS}
    assert found.rows == len(played & stored.keys())
    assert sum(found.excluded.values()) == len((played | stored.keys()) - (played & stored.keys()))


def test_the_manifest_is_what_the_files_hold(filled: Store, tmp_path: Path) -> None:
    found = exported(filled, tmp_path / "set", validation_start=datetime.date(2021, 11, 20), test_start=TEST_DAY)
    manifest = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert manifest == json.loads(json.dumps(found.as_json()))
    for split in manifest["splits"]:
        rows = rows_in(tmp_path / "set", split["name"])
        assert split["rows"] == len(rows)
        assert split["game_dates"] == len({row["game_date"] for row in rows})
    assert [feature["name"] for feature in manifest["features"]] == list(FEATURE_NAMES)
    assert len(manifest["source"]["run_ids"]) == 1


def test_the_same_question_gives_the_same_digest_and_the_same_order(filled: Store, tmp_path: Path) -> None:
    first, second = (exported(filled, tmp_path / name) for name in ("first", "second"))
    assert first.digest == second.digest
    rows = rows_in(tmp_path / "first", "train")
    assert rows == rows_in(tmp_path / "second", "train")
    assert [(row["game_date"], row["player_lookup"]) for row in rows] == sorted(
        (row["game_date"], row["player_lookup"]) for row in rows
    )
    assert exported(filled, tmp_path / "kept", defaults="keep").digest != first.digest


def test_another_numeric_column_is_the_label(filled: Store, tmp_path: Path) -> None:
    export_training_set(filled.warehouse, DAYS, str(tmp_path / "set"), Selection(), label="minutes_played")
    games = newest_games(filled)
    for row in rows_in(tmp_path / "set", "train"):
        assert row["label"] == float(games[row["player_lookup"], row["game_date"]]["minutes_played"])


@pytest.mark.parametrize("label", ["team_abbr", "pionts"])
def test_a_label_that_is_no_number_is_refused(filled: Store, tmp_path: Path, label: str) -> None:
    with pytest.raises(ConfigurationError, match=f"--label '{label}' is not a numeric column .*points"):
        export_training_set(filled.warehouse, DAYS, str(tmp_path / "set"), Selection(), label=label)
    assert not (tmp_path / "set").exists()


def test_a_folder_with_other_things_is_left_alone_and_a_training_set_is_replaced_on_request(
    filled: Store, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"holds notes\.txt and no manifest\.json"):
        exported(filled, tmp_path)
    exported(filled, tmp_path / "set")
    with pytest.raises(ConfigurationError, match="holds a training set"):
        exported(filled, tmp_path / "set")
    again = export_training_set(filled.warehouse, DAYS, str(tmp_path / "set"), Selection(), replace_output=True)
    assert again.rows == len(rows_in(tmp_path / "set", "train"))


def test_pre_computed_rows_that_are_late_are_refused_unless_forced(filled_store: Store, tmp_path: Path) -> None:
    late = "UPDATE {table} SET processed_at = TIMESTAMP '2021-11-22 05:00:00' WHERE cache_date = DATE '2021-11-19'"
    filled_store.sql(late, PLAYER_DAILY_CACHE)
    rows = len(
        [row for row in filled_store.rows(PLAYER_DAILY_CACHE) if row["cache_date"] == datetime.date(2021, 11, 19)]
    )
    with pytest.raises(LeakageError, match=f"{rows} of player_daily_cache") as refused:
        exported(filled_store, tmp_path / "set")
    assert refused.value.exit_code == ExitCode.PARTIAL
    assert not (tmp_path / "set").exists()
    forced = export_training_set(filled_store.warehouse, DAYS, str(tmp_path / "set"), Selection(), force=True)
    assert forced.as_json()["late_pre_computed_rows"]["player_daily_cache"] == rows


def test_a_pre_computed_row_is_late_once_the_log_has_a_game_of_its_date(filled_store: Store) -> None:
    at = "UPDATE {{table}} SET processed_at = TIMESTAMP '2021-11-19 {}' WHERE {} = DATE '2021-11-19'"
    filled_store.sql(at.format("21:00:00", "cache_date"), PLAYER_DAILY_CACHE)
    rows = [row for row in filled_store.rows(PLAYER_DAILY_CACHE) if str(row["cache_date"]) == "2021-11-19"]
    assert sum(late.rows for late in late_rows(filled_store.warehouse, DAYS)) == 0
    filled_store.sql(at.format("20:00:00", "game_date"), PLAYER_GAME_SUMMARY)
    assert [late.rows for late in late_rows(filled_store.warehouse, DAYS)] == [len(rows), 0, 0, 0]


def test_a_key_that_is_there_twice_is_refused(filled_store: Store, tmp_path: Path) -> None:
    filled_store.sql("INSERT INTO {table} SELECT * FROM {table} ORDER BY player_lookup LIMIT 1", ML_FEATURE_STORE)
    with pytest.raises(ContractError, match="is there 2 times; run validate"):
        export_training_set(filled_store.warehouse, DAYS, str(tmp_path / "set"), Selection(), force=True)


@pytest.mark.parametrize(
    ("selection", "sentence"),
    [
        (Selection(validation_start=DAYS.start), "--validation-start 2021-11-18 must be after --start"),
        (Selection(test_start=datetime.date(2021, 11, 22)), "not after --end 2021-11-21"),
        (
            Selection(validation_start=datetime.date(2021, 11, 20), test_start=datetime.date(2021, 11, 19)),
            "--test-start 2021-11-19 must be after --validation-start 2021-11-20",
        ),
    ],
)
def test_splits_that_do_not_follow_each_other_are_refused(selection: Selection, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        check_splits(DAYS, selection)
