"""Feature tables against each other and against a fresh compute: no difference where there is none, else exactly it."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner
from rich.console import Console

from jobs.cli.tables import print_json
from jobs.compare import compare, main
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError, ContractError, ExitCode
from jobs.planning.plan import RequestedDates
from jobs.reports.comparison import Comparison
from jobs.schemas.tables import ML_FEATURE_STORE, PLAYER_DAILY_CACHE
from tests.end_to_end.store import Key, Row, Store, november, silent
from transforms.catalogue import FEATURE_NAMES

DATES = november(18, 21)
COPY = dataclasses.replace(ML_FEATURE_STORE, dataset="other", name="features_copied")
NAME = "other.features_copied"
# How much is added to which feature of how many rows; NaN has no largest difference.
PLANTED = {
    "points_avg_last_5": ("1.5D", 4, 1.5),
    "opponent_pace": ("-0.25D", 2, 0.25),
    "team_win_pct": ("NaN", 1, None),
}


def compared(
    store: Store, left: str | None, right: str, requested: RequestedDates | None = None, **options: Any
) -> Comparison:
    """The comparison; options of the command, and those of the settings."""
    own = {name: options.pop(name) for name in ("tolerance", "examples") if name in options}
    settings = load_settings(options, environment={})
    with store.opened() as warehouse:
        return compare(warehouse, settings, left, right, requested, silent(), **own)


def copy_of_the_table(store: Store) -> Path:
    folder = store.folder(COPY)
    shutil.copytree(store.folder(ML_FEATURE_STORE), folder)
    return folder


def where(*keys: Key) -> str:
    return " OR ".join(f"(player_lookup = '{player}' AND game_date = DATE '{date}')" for player, date in keys)


def shown(comparison: Comparison) -> str:
    output = io.StringIO()
    comparison.render(Console(file=output, width=200))
    return output.getvalue()


class Planted(NamedTuple):
    """Seven values of three features changed in a copy of the store, and what the comparison of the two found."""

    rows: dict[Key, Row]
    keys: dict[str, list[Key]]
    comparison: Comparison


@pytest.fixture(scope="module")
def planted(filled_store: Store) -> Planted:
    copy_of_the_table(filled_store)
    rows = filled_store.features()
    first = iter(sorted(rows, key=lambda key: (key[1], key[0])))
    keys = {name: [next(first) for _ in range(number)] for name, (_, number, _) in PLANTED.items()}
    for name, (change, _, _) in PLANTED.items():
        value = "double('NaN')" if change == "NaN" else f"value + {change}"
        changed = f"transform(features, (value, place) -> IF(place = {FEATURE_NAMES.index(name)}, {value}, value))"
        filled_store.sql(f"UPDATE {{table}} SET features = {changed} WHERE {where(*keys[name])}", COPY)
    return Planted(rows, keys, compared(filled_store, None, NAME))


def test_a_table_does_not_differ_from_itself(filled: Store) -> None:
    before = filled.files()
    comparison = compared(filled, None, "nba_predictions.ml_feature_store_v2")
    assert filled.files() == before
    rows = len(filled.features())
    assert rows > 0
    assert {kind: found.rows for kind, found in comparison.totals.items() if found.rows} == dict.fromkeys(
        ("left_rows", "right_rows", "common_rows"), rows
    )
    assert [name for name, found in comparison.features.items() if found.rows] == []
    assert comparison.exit_code is ExitCode.DONE
    assert "no difference" in shown(comparison)


def test_planted_differences_are_found_and_no_others(planted: Planted) -> None:
    found = {name: found for name, found in planted.comparison.features.items() if found.rows}
    assert list(found) == list(PLANTED)
    for name, (_, number, largest) in PLANTED.items():
        assert found[name].rows == number
        assert found[name].largest_difference == (None if largest is None else pytest.approx(largest))
        examples = {(example["player_lookup"], example["game_date"]) for example in found[name].examples}
        assert examples == set(planted.keys[name])
    assert not any(planted.comparison.totals[kind].rows for kind in ("only_left", "only_right", "data_hash"))
    assert planted.comparison.exit_code is ExitCode.PARTIAL


def test_an_example_has_both_values(planted: Planted) -> None:
    for name, place in (("points_avg_last_5", 0), ("opponent_pace", FEATURE_NAMES.index("opponent_pace"))):
        change = float(PLANTED[name][0].removesuffix("D"))
        for example in planted.comparison.features[name].examples:
            stored = planted.rows[example["player_lookup"], example["game_date"]]["features"][place]
            assert (example["left"], example["right"]) == (stored, stored + change)


def test_a_tolerance_excuses_small_differences(planted: Planted, filled_store: Store) -> None:
    comparison = compared(filled_store, NAME, "nba_predictions.ml_feature_store_v2", tolerance=0.3, examples=2)
    found = {name: found.rows for name, found in comparison.features.items() if found.rows}
    assert found == {"points_avg_last_5": 4, "team_win_pct": 1}
    assert len(comparison.features["points_avg_last_5"].examples) == 2


def test_only_the_dates_asked_for_are_compared(planted: Planted, filled_store: Store) -> None:
    changed = {date for keys in planted.keys.values() for _, date in keys}
    assert DATES.end not in changed
    comparison = compared(filled_store, None, NAME, RequestedDates(DATES.end, DATES.end))
    assert not comparison.differs
    assert comparison.totals["left_rows"].rows == filled_store.features_by_date()[DATES.end]


def test_the_report_names_features_keys_and_values(planted: Planted) -> None:
    text = shown(planted.comparison)
    player, date = planted.keys["team_win_pct"][0]
    assert f"{player} {date}" in text
    assert "22 features do not differ by more than 1e-09" in text
    assert "the two sides differ" in text
    assert "opponent_def_rating" not in text


def test_json_has_all_features_and_is_json(planted: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    print_json(planted.comparison.as_json())
    content = json.loads(capsys.readouterr().out, parse_constant=lambda constant: pytest.fail(constant))
    assert (content["status"], content["exit_code"]) == ("different", 3)
    differing = {feature["feature"]: feature["differing"] for feature in content["features"]}
    assert differing == {name: PLANTED[name][1] if name in PLANTED else 0 for name in FEATURE_NAMES}
    (example,) = content["features"][FEATURE_NAMES.index("team_win_pct")]["examples"]
    assert example["right"] == "NaN"


def test_rows_of_one_side_only_duplicates_and_hashes(filled: Store, tmp_path: Path) -> None:
    store = filled.copied_to(tmp_path / "warehouse")
    folder = copy_of_the_table(store)
    gone, added, twice, hashed = sorted(store.features())[:4]
    store.sql(f"DELETE FROM {{table}} WHERE {where(gone)}", COPY)
    store.sql(f"DELETE FROM {{table}} WHERE {where(added)}")
    store.sql(f"INSERT INTO {{table}} SELECT * FROM {{table}} WHERE {where(twice)}", COPY)
    store.sql(f"UPDATE {{table}} SET data_hash = 'another' WHERE {where(hashed)}", COPY)
    comparison = compared(store, None, str(folder))
    kinds = {"only_left": gone, "only_right": added, "right_duplicates": twice, "data_hash": hashed}
    for kind, key in kinds.items():
        (example,) = comparison.totals[kind].examples
        assert (comparison.totals[kind].rows, (example["player_lookup"], example["game_date"])) == (1, key)
    assert comparison.totals["left_duplicates"].rows == 0
    assert not any(found.rows for found in comparison.features.values())
    assert comparison.exit_code is ExitCode.PARTIAL


def test_a_folder_may_be_called_anything(filled: Store, tmp_path: Path) -> None:
    folder = tmp_path / "copies.of.november" / "features v2.1"
    shutil.copytree(filled.folder(ML_FEATURE_STORE), folder)
    comparison = compared(filled, str(folder), "nba_predictions.ml_feature_store_v2", DATES)
    assert (comparison.left, comparison.exit_code) == (str(folder), ExitCode.DONE)


def test_what_a_run_wrote_is_what_is_computed_anew(filled: Store) -> None:
    before = filled.files()
    comparison = compared(filled, None, "computed", DATES)
    assert filled.files() == before
    assert comparison.exit_code is ExitCode.DONE
    rows = len(filled.features())
    assert [comparison.totals[kind].rows for kind in ("left_rows", "right_rows", "common_rows")] == [rows] * 3


def test_a_date_that_cannot_be_computed_is_left_out_of_both_sides(filled: Store, tmp_path: Path) -> None:
    store = filled.copied_to(tmp_path / "warehouse")
    store.sql(f"DELETE FROM {{table}} WHERE cache_date = DATE '{DATES.start}'", PLAYER_DAILY_CACHE)
    comparison = compared(store, "computed", "nba_predictions.ml_feature_store_v2", DATES)
    assert comparison.notes == [f"{DATES.start} is left out of both sides: missing player_daily_cache"]
    by_date = store.features_by_date()
    rows = sum(by_date.values()) - by_date[DATES.start]
    assert [comparison.totals[kind].rows for kind in ("left_rows", "right_rows", "common_rows")] == [rows] * 3
    assert comparison.exit_code is ExitCode.DONE
    with pytest.raises(ConfigurationError, match=r"lacks a table.*player_daily_cache.*take --on-missing fallback"):
        compared(store, None, "computed", RequestedDates(DATES.start, DATES.start))


def test_dates_without_a_game_cannot_be_computed(filled: Store) -> None:
    day = DATES.start.replace(month=8)
    with pytest.raises(ConfigurationError, match=f"no game date in {day}"):
        compared(filled, None, "computed", RequestedDates(day, day))


@pytest.mark.parametrize(
    ("given", "place"),
    [("nowhere.table", r"table nowhere\.table in .*"), ("/nowhere/table", "table /nowhere/table")],
)
def test_a_table_that_does_not_exist_is_named(filled: Store, given: str, place: str) -> None:
    with pytest.raises(ContractError, match=f"^{place} does not exist; name another one as --right$") as refused:
        compared(filled, None, given)
    assert refused.value.exit_code is ExitCode.WRONG_INPUT


def test_a_store_that_does_not_exist_is_to_be_filled_first(imported: Store) -> None:
    with pytest.raises(ContractError, match=r"ml_feature_store_v2 in .* does not exist; run backfill_features first"):
        compared(imported, None, "computed", DATES)


def test_a_table_that_holds_something_else_is_refused(filled: Store) -> None:
    with pytest.raises(
        ContractError, match=r"table nba_precompute\.player_daily_cache in .*: column features is missing"
    ):
        compared(filled, None, "nba_precompute.player_daily_cache")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "Missing option '--right'"),
        (["--right", "computed"], "computed of which dates?"),
        (
            ["--left", "computed", "--right", "computed", "--dates", "2021-11-18"],
            "--left and --right are both computed",
        ),
        (["--right", "a.b", "--start", "2021-11-18"], "which dates?"),
        (["--right", "a.b", "--tolerance", "-1"], "--tolerance is -1.0; take a number that is 0 or more"),
        (["--right", "a.b", "--tolerance", "nan"], "--tolerance is nan"),
        (["--right", "a.b", "--examples", "-1"], "-1 is not in the range"),
        (["--right", ""], "--right '' names no table; give dataset.table or the folder of a table"),
        (
            ["--right", "features", "--warehouse", "bigquery"],
            "--right 'features' names no table; give dataset.table or",
        ),
        (["--right", "d.t", "--left", "/a/b", "--warehouse", "bigquery"], "--left '/a/b' names no table"),
    ],
)
def test_wrong_usage_is_told_before_anything_starts(arguments: list[str], expected: str) -> None:
    answer = CliRunner().invoke(main, arguments)
    assert (answer.exit_code, answer.stdout) == (ExitCode.WRONG_INPUT, "")
    assert expected in answer.stderr
