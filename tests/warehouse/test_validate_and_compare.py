"""The two reading commands on every warehouse: the same checks, the same differences."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from jobs.cli.progress import Progress
from jobs.compare import compare
from jobs.config.settings import load_settings
from jobs.errors import ContractError, ExitCode
from jobs.planning.plan import RequestedDates
from jobs.reports.comparison import Comparison
from jobs.reports.validation import Validation
from jobs.schemas.tables import ML_FEATURE_STORE, PLAYER_DAILY_CACHE, UPCOMING_PLAYER_GAME_CONTEXT
from jobs.validate import validate
from tests.transforms.store_rows import GAME_DATE, PLACEHOLDER, good_features, spoiled, store_row
from tests.warehouse.backends import Backend
from tests.warehouse.feature_rows import NOVEMBER_19

DATES = RequestedDates(GAME_DATE, NOVEMBER_19)
# A feature table where the configuration has another table: the name that is given counts, not the configuration's.
OTHER = dataclasses.replace(ML_FEATURE_STORE, dataset=PLAYER_DAILY_CACHE.dataset, name=PLAYER_DAILY_CACHE.name)
CONTEXT = UPCOMING_PLAYER_GAME_CONTEXT
GOOD = [
    store_row("anna"),
    store_row("bert", game_id='a"\\', features=good_features(pace_score=-0.000001, team_pace=101.123456789123)),
    store_row("carl", **{**PLACEHOLDER, "feature_quality_score": Decimal("0.00"), "is_home": None}),
]


def silent() -> Progress:
    return Progress(Console(file=io.StringIO()))


def validated(backend: Backend, rows: Sequence[Mapping[str, Any]]) -> Validation:
    """What the checks say of these rows, beside context of the three good ones and of no more."""
    backend.load(ML_FEATURE_STORE, rows)
    backend.load(CONTEXT, [{"player_lookup": row["player_lookup"], "game_date": row["game_date"]} for row in GOOD])
    return validate(backend.make_warehouse(), DATES, silent())


def compared(backend: Backend, left: str | None, right: str) -> Comparison:
    settings = load_settings({"warehouse": backend.name}, environment={})
    return compare(backend.make_warehouse(), settings, left, right, DATES, silent())


def name_of(backend: Backend) -> str:
    """The other table as a person would give it."""
    return backend.make_warehouse().display_name(OTHER).split(" ")[0]


def test_rows_with_the_hash_of_their_values_pass_every_check(backend: Backend) -> None:
    validation = validated(backend, GOOD)
    assert [(result.check.name, list(result.examples)) for result in validation.failed] == []
    assert (validation.rows, validation.game_dates) == (3, 1)
    assert {(row["month"], row["number"], row["share_phase4"]) for row in validation.drift} == {("2021-11", 2, 1.0)}


def test_each_fault_is_found_with_its_key(backend: Backend) -> None:
    faulty = [
        *[GOOD[0]] * 2,
        spoiled(GOOD[1], data_hash="0123456789abcdef"),
        spoiled(GOOD[2], features=good_features()),
        store_row("dora", features=good_features(pct_three=1.5)),
        spoiled(store_row("emil"), features=good_features()[:24], data_hash=""),
        spoiled(store_row("fred"), features=[]),
    ]
    validation = validated(backend, faulty)
    found = {result.check.name: [e["player_lookup"] for e in result.examples] for result in validation.failed}
    assert found == {
        "duplicate_keys": ["anna"],
        "feature_count": ["carl", "emil", "fred"],
        "feature_ranges": ["dora"],
        "hash_set": ["emil"],
        "hash_equal": ["bert"],
        "orphans": ["dora", "emil", "fred"],
    }
    assert validation.exit_code is ExitCode.PARTIAL


def test_a_store_that_is_not_there_is_to_be_filled_first(backend: Backend) -> None:
    with pytest.raises(ContractError, match=r"ml_feature_store_v2.* does not exist; run backfill_features"):
        validate(backend.make_warehouse(), DATES, silent())


def test_a_table_is_compared_with_another_by_key(backend: Backend) -> None:
    changed = spoiled(GOOD[1], features=good_features(pace_score=0.5, team_pace=101.123456789123))
    backend.load(ML_FEATURE_STORE, GOOD)
    backend.load(OTHER, [GOOD[0], changed, spoiled(GOOD[0], player_lookup="dora"), store_row("carl")])
    comparison = compared(backend, None, name_of(backend))
    found = {kind: [e["player_lookup"] for e in found.examples] for kind, found in comparison.totals.items()}
    assert {kind: players for kind, players in found.items() if players} == {
        "only_right": ["dora"],
        "placeholder": ["carl"],
        "data_hash": ["carl"],
    }
    assert {name: found.rows for name, found in comparison.features.items() if found.rows} == {"pace_score": 1}
    (example,) = comparison.features["pace_score"].examples
    assert (example["player_lookup"], example["left"], example["right"]) == ("bert", -0.000001, 0.5)
    assert comparison.exit_code is ExitCode.PARTIAL


def test_a_table_does_not_differ_from_itself(backend: Backend) -> None:
    backend.load(OTHER, GOOD)
    name = name_of(backend)
    # On BigQuery the project may be left out.
    comparison = compared(backend, name, ".".join(name.split(".")[-2:]))
    assert (comparison.left, comparison.exit_code) == (comparison.right, ExitCode.DONE)
    assert comparison.totals["common_rows"].rows == 3


def test_a_table_that_does_not_exist_is_named(backend: Backend) -> None:
    backend.load(ML_FEATURE_STORE, GOOD)
    with pytest.raises(ContractError, match=r"table .*nowhere\.table.* does not exist; name another one as --right"):
        compared(backend, None, "nowhere.table")
