"""What the feature store holds after a back-fill, against the rows themselves; and the command's answers."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from jobs.errors import ExitCode
from jobs.results import main
from tests.end_to_end.in_process import answer_of
from tests.end_to_end.store import Row, Store

FOUR_DAYS = ("--start", "2021-11-18", "--end", "2021-11-21")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command in this process: a function of a store and of arguments."""

    def run(store: Store, *arguments: str) -> tuple[int, str]:
        return answer_of(main, store, monkeypatch, *arguments)

    return run


def expected(rows: list[Row]) -> dict[str, Any]:
    """What should be said of some rows: sources and tiers that have rows, with their shares."""

    def shares(column: str) -> dict[str, float]:
        return {name: round(count / len(rows), 4) for name, count in Counter(row[column] for row in rows).items()}

    told = [row["is_training_ready"] for row in rows if "is_training_ready" in row]
    ready = round(sum(told) / len(rows), 4) if told else None
    return {
        "rows": len(rows),
        "players": len({row["player_lookup"] for row in rows}),
        "mean_quality": pytest.approx(float(sum(row["feature_quality_score"] for row in rows) / len(rows)), abs=0.006),
        "shares_by_data_source": shares("data_source"),
        "shares_by_quality_tier": shares("quality_tier"),
        "share_training_ready": ready,
    }


def without_zeros(found: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: share for key, share in value.items() if share} if isinstance(value, dict) else value
        for name, value in found.items()
        if name != "game_date"
    }


def test_it_is_what_the_rows_say(filled: Store, command: Any) -> None:
    code, text = command(filled, *FOUR_DAYS, "--json")
    content, rows = json.loads(text), list(filled.features().values())
    assert (code, content["status"]) == (ExitCode.DONE, "succeeded")
    by_date = {str(date): [row for row in rows if row["game_date"] == date] for date in filled.features_by_date()}
    assert {found["game_date"]: without_zeros(found) for found in content["dates"]} == {
        date: expected(of_date) for date, of_date in by_date.items()
    }
    assert without_zeros(content["total"]) == expected(rows)


def test_a_person_reads_a_line_a_date_and_a_total(filled: Store, command: Any) -> None:
    code, text = command(filled, *FOUR_DAYS)
    dates = [str(date) for date in filled.features_by_date()]
    first_words = [line.split()[0] for line in text.splitlines() if line.strip()]
    assert (code, [word for word in first_words if word in (*dates, "total")]) == (ExitCode.DONE, [*dates, "total"])
    assert f"{len(filled.features())} rows of {len(dates)} game dates" in text


def test_dates_that_were_never_written(filled: Store, command: Any) -> None:
    code, text = command(filled, "--dates", "2021-11-25")
    assert code == ExitCode.DONE
    assert "holds no row of 2021-11-25" in text


def test_a_store_that_was_never_filled(imported: Store, command: Any) -> None:
    code, text = command(imported, *FOUR_DAYS, "--json")
    assert code == ExitCode.WRONG_INPUT
    assert "does not exist; run backfill_features for 2021-11-18 to 2021-11-21 first" in json.loads(text)["error"]
