"""The demo's folder: a league that is there whole is not played again, and real tables are never replaced by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.demo_league.imported import ImportedLeague
from jobs.errors import ConfigurationError


def test_a_league_counts_once_it_is_complete(tmp_path: Path) -> None:
    league = ImportedLeague(tmp_path / "demo", {"seed": 7})
    league.check_folder()
    assert not league.is_complete()
    league.begin()
    league.check_folder()
    assert not league.is_complete()
    league.complete()
    assert league.is_complete()
    assert not ImportedLeague(tmp_path / "demo", {"seed": 8}).is_complete()


def test_another_generator_plays_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    league = ImportedLeague(tmp_path, {"seed": 7})
    league.begin()
    league.complete()
    monkeypatch.setattr("jobs.demo_league.imported._generator", lambda: "newer")
    assert not league.is_complete()


def test_a_folder_with_other_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nba_analytics").mkdir()
    with pytest.raises(ConfigurationError, match="give another folder"):
        ImportedLeague(tmp_path, {}).check_folder()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    ImportedLeague(tmp_path, {}).check_folder()
