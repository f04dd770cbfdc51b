"""What was known before a date: a player's and a team's games as plain lists, searched by date."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence

from tests.oracle.newest import Key, Newest, Row, newest_by_key

MOST = 3_000_000
Tables = Mapping[str, Sequence[Row]]

# The columns that are read, in the order in which ties are broken, as tables.md lists them.
STATE = ("completeness_percentage", "is_production_ready", "data_hash")
DAILY_CACHE = (
    *("points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10", "games_in_last_7_days"),
    *("paint_rate_last_10", "three_pt_rate_last_10", "team_pace_last_10", "team_off_rating_last_10"),
    *("minutes_avg_last_10", *STATE),
)
COMPOSITE = ("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score", *STATE)
SHOT_ZONES = ("paint_rate_last_10", "mid_range_rate_last_10", "three_pt_rate_last_10", *STATE)
TEAM_DEFENSE = ("defensive_rating_last_15", "opponent_pace", *STATE)
CONTEXT = (
    *("universal_player_id", "game_id", "team_abbr", "opponent_team_abbr", "home_game", "back_to_back"),
    *("season_phase", "player_status", "days_rest", "opponent_days_rest"),
)
PLAYER_GAME = (
    *("team_abbr", "season_year", "points", "ft_makes", "minutes_played"),
    *("paint_attempts", "mid_range_attempts", "three_pt_attempts"),
)
OFFENSE_GAME = ("season_year", "pace", "offensive_rating", "win_flag")
DEFENSE_GAME = ("season_year", "defensive_rating", "opponent_pace")

PHASE4 = {
    "daily_cache": ("player_daily_cache", ("player_lookup", "cache_date"), DAILY_CACHE),
    "composite": ("player_composite_factors", ("player_lookup", "game_date"), COMPOSITE),
    "shot_zones": ("player_shot_zone_analysis", ("player_lookup", "analysis_date"), SHOT_ZONES),
    "team_defense": ("team_defense_zone_analysis", ("team_abbr", "analysis_date"), TEAM_DEFENSE),
}


class GameLog:
    """The games of each player or team, oldest first."""

    def __init__(self, games: Mapping[Key, Newest]) -> None:
        self._games: dict[str, list[Row]] = defaultdict(list)
        self._dates: dict[str, list[datetime.date]] = defaultdict(list)
        for who, date in sorted(games):
            self._games[who].append(games[who, date].row)
            self._dates[who].append(date)

    def before(self, who: str | None, date: datetime.date) -> list[Row]:
        """All games before the date, oldest first; none for an unknown or NULL name."""
        if who is None or who not in self._dates:
            return []
        return self._games[who][: bisect_left(self._dates[who], date)]


def has_played(game: Row) -> bool:
    """Whether the player was on the court in a row of his game log."""
    points, minutes = game["points"], game["minutes_played"]
    if points is None or points < 0:
        return False
    return points > 0 or (minutes is not None and minutes > 0)


def held(game: Newest) -> Newest:
    """A game without whole numbers that nobody could have: larger ones are held, so that no engine's sum runs over."""
    row = {name: max(min(value, MOST), -MOST) if type(value) is int else value for name, value in game.row.items()}
    return Newest(row, game.rows_found)


class Histories:
    """Every source, de-duplicated and searchable."""

    def __init__(self, tables: Tables) -> None:
        self.context = newest_by_key(tables["upcoming_player_game_context"], ("player_lookup", "game_date"), CONTEXT)
        games = newest_by_key(tables["player_game_summary"], ("player_lookup", "game_date"), PLAYER_GAME)
        self.player_log = GameLog(games)
        self.played = GameLog({key: held(newest) for key, newest in games.items() if has_played(newest.row)})
        self.offense = GameLog(
            newest_by_key(tables["team_offense_game_summary"], ("team_abbr", "game_date"), OFFENSE_GAME)
        )
        self.defense = GameLog(
            newest_by_key(tables["team_defense_game_summary"], ("defending_team_abbr", "game_date"), DEFENSE_GAME)
        )
        self.phase4 = {source: newest_by_key(tables[name], key, ties) for source, (name, key, ties) in PHASE4.items()}
        self.phase4_dates = {source: {date for _, date in rows} for source, rows in self.phase4.items()}
        self.final_dates = final_dates(tables["nbac_schedule"])
        self.scheduled = scheduled_games(tables["nbac_schedule"])

    def final_games(self, team: str | None, season: int, date: datetime.date) -> int:
        """On how many dates before this one the team had a final game this season."""
        return sum(1 for played in self.final_dates.get((team, season), ()) if played < date)

    def last_final_game(self, team: str | None, season: int, date: datetime.date) -> datetime.date | None:
        """The date of the team's last final game of this season before this date; None without one."""
        return max((played for played in self.final_dates.get((team, season), ()) if played < date), default=None)

    def phase_of_game(self, team: str | None, date: datetime.date, game_id: str | None) -> str | None:
        """The phase of the team's game on the date, of several the one with this id; None without a game."""
        games = {} if team is None else self.scheduled.get((team, date), {})
        if not games:
            return None
        if game_id is not None and game_id in games:
            return games[game_id]
        return games[min(games, key=lambda known: (known is None, known or ""))]


def phase_of(game: Row) -> str:
    """The phase of a row of the schedule: by name, else by its two flags."""
    if game.get("season_phase") is not None:
        return str(game["season_phase"])
    if game.get("is_playoffs"):
        return "playoffs"
    return "regular_season" if game.get("is_regular_season") else "other"


def scheduled_games(schedule: Sequence[Row]) -> dict[tuple[str, datetime.date], dict[str | None, str]]:
    """The phase of each game by team and date, and by game_id; of a game that stands twice, playoffs if either is."""
    games: dict[tuple[str, datetime.date], dict[str | None, str]] = defaultdict(dict)
    for game in schedule:
        for team in {game["home_team_tricode"], game["away_team_tricode"]} - {None}:
            if game["game_date"] is not None:
                of_date = games[team, game["game_date"]]
                phase = phase_of(game)
                if of_date.get(game["game_id"], "").lower() != "playoffs":
                    of_date[game["game_id"]] = phase
    return games


def final_dates(schedule: Sequence[Row]) -> dict[tuple[str | None, int], set[datetime.date]]:
    """The dates of each team's final games by (team, season)."""
    dates: dict[tuple[str | None, int], set[datetime.date]] = defaultdict(set)
    for game in schedule:
        known = game["game_date"] is not None and game["season_year"] is not None
        if game["game_status"] == 3 and known:
            for team in (game["home_team_tricode"], game["away_team_tricode"]):
                if team is not None:
                    dates[team, game["season_year"]].add(game["game_date"])
    return dates


class Seasons:
    """The season of each date and its day 0, from the schedule's dates, seasons and phases."""

    def __init__(self, schedule: Sequence[Row], season_start: Mapping[int, datetime.date]) -> None:
        self._by_date: dict[datetime.date, int] = {}
        self._start: dict[int, datetime.date] = {}
        for game in schedule:
            date, season = game["game_date"], game["season_year"]
            if date is None or season is None:
                continue
            self._by_date[date] = max(season, self._by_date.get(date, season))
            if phase_of(game) == "regular_season":
                self._start[season] = min(date, self._start.get(season, date))
        self._configured = season_start

    def season_of(self, date: datetime.date) -> int:
        """The season year of a date."""
        return self._by_date.get(date, date.year if date.month >= 10 else date.year - 1)

    def day_of_season(self, date: datetime.date) -> int:
        """Days since day 0 of the date's season; KeyError for a season that nobody knows."""
        season = self.season_of(date)
        start = self._start[season] if season in self._start else self._configured[season]
        return (date - start).days
