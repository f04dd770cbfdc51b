"""The demo's folder: a league that is there whole is not played again, and real tables are never replaced by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from jobs import demo
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


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(ConfigurationError, match="this link leads to"):
        ImportedLeague(tmp_path / "link", {}).check_folder()


@pytest.mark.parametrize("spelling", ["~/real", "~/other/../real", "{home}/real/", "link", "../{home_name}/real"])
def test_the_command_takes_no_other_warehouse_however_it_is_spelt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    table = tmp_path / "real" / "nba_analytics" / "player_game_summary"
    table.mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    path = spelling.format(home=tmp_path, home_name=tmp_path.name)
    result = CliRunner().invoke(demo.main, ["--warehouse-path", path])
    assert result.exit_code == 2
    assert "is not empty and not an earlier demo's" in result.output
    assert {found.name for found in tmp_path.rglob("*")} == {"real", "other", "link", "nba_analytics", table.name}
