"""A season day by day: what is known before the games of a date is written first, then they are played.

The order is the point: nothing that a row for a date says can come from that date or a later one.
"""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.demo_league import tables
from jobs.demo_league.box_scores import play
from jobs.demo_league.context import context_rows
from jobs.demo_league.field_traits import FieldTraits, sat_out_rows
from jobs.demo_league.history import History
from jobs.demo_league.names import TEAM_NAMES
from jobs.demo_league.postseason import Winners, postseason
from jobs.demo_league.rosters import Availability, League, Player, Team, availability
from jobs.demo_league.schedule import FINAL, Game, opening_day, regular_season
from jobs.demo_league.summaries import record_game
from jobs.demo_league.upstream import composite_row, daily_cache_row, defense_rows, shot_zone_row
from jobs.demo_league.write import LeagueFiles, Row

_BOOTSTRAP = datetime.timedelta(days=14)
_TRADING_DAYS = range(25, 116)
_TRADES_A_TEAM = 1 / 2

MISSING_IN_NOVEMBER = {
    tables.PLAYER_DAILY_CACHE: (5, 6, 7, 9, 10),
    tables.PLAYER_COMPOSITE_FACTORS: (5, 6, 7, 8, 9, 10, 12, 17, 26, 30),
    tables.PLAYER_SHOT_ZONE_ANALYSIS: (5, 6, 7),
}
"""The days of November on which a table was not computed, as if its job had failed and nobody had noticed."""


@dataclass
class Season:
    """One season of a league, played into the files; `until` is the last date wanted, `traits` those of the field."""

    league: League
    history: History
    files: LeagueFiles
    rng: random.Random
    season_year: int
    until: datetime.date
    traits: FieldTraits | None = None

    def play(self) -> None:
        """Plays the regular season and the postseason, as far as `until`."""
        played, unplayed = regular_season(self.rng, list(self.league.teams), self.season_year)
        dates: dict[datetime.date, list[Game]] = defaultdict(list)
        for game in [*played, *unplayed]:
            dates[game.game_date].append(game)
        trades = self._trading_dates()
        for game_date in sorted(dates):
            if game_date > self.until:
                return
            while trades and trades[0] <= game_date:
                trades.pop(0)
                self.league.trade()
            self._play_date(game_date, dates[game_date])
        self._play_postseason(max(dates))

    def _play_postseason(self, season_end: datetime.date) -> None:
        upcoming = postseason(self._standings(), season_end, self.season_year)
        games = next(upcoming, None)
        while games and games[0].game_date <= self.until:
            winners = self._play_date(games[0].game_date, games)
            try:
                games = upcoming.send(winners)
            except StopIteration:
                return

    def _standings(self) -> list[list[str]]:
        """The teams of the two conferences (every other team of the league), best first."""
        teams = list(self.league.teams)
        records = {abbr: self.history.team(abbr) for abbr in teams}
        return [
            sorted(conference, key=lambda abbr: (-records[abbr].wins, -records[abbr].margin, abbr))
            for conference in (teams[::2], teams[1::2])
        ]

    def _trading_dates(self) -> list[datetime.date]:
        """The dates of the season's trades in order; the first is early, so that a short league has one."""
        opening = opening_day(self.season_year)
        wanted = max(2, round(len(self.league.teams) * _TRADES_A_TEAM))
        days = [_TRADING_DAYS[0], *(self.rng.choice(_TRADING_DAYS) for _ in range(wanted - 1))]
        return [opening + datetime.timedelta(days=day) for day in sorted(days)]

    def _play_date(self, game_date: datetime.date, lines: Sequence[Game]) -> Winners:
        """Writes a date's schedule and what is known before it, then plays its games; winners by game id."""
        for line in lines:
            self.files.add(tables.NBAC_SCHEDULE, _schedule_row(line))
        games = [line for line in lines if line.game_status == FINAL]
        teams = self.league.teams
        listed = {abbr: availability(self.rng, teams[abbr]) for game in games for abbr in game.teams}
        contexts = [
            player_context
            for game in games
            for abbr in game.teams
            for player_context in self._context_rows(game, teams[abbr], listed[abbr])
        ]
        for _, context in contexts:
            row = context if self.traits is None else self.traits.context(context)
            self.files.add(tables.UPCOMING_PLAYER_GAME_CONTEXT, row)
        if games and game_date >= opening_day(self.season_year) + _BOOTSTRAP:
            self._write_upstream(games[0], contexts)
        winners = {}
        for game in games:
            lineups = {abbr: listed[abbr].dressed for abbr in game.teams}
            box = play(self.rng, teams[game.home], teams[game.away], lineups)
            winners[game.game_id] = box.winner.team.abbr
            for table, row in record_game(self.history, game, box):
                self.files.add(table, row)
            if self.traits is not None:
                self._log_those_who_sat_out(game, listed, winners[game.game_id])
        return winners

    def _context_rows(self, game: Game, team: Team, listed: Availability) -> list[tuple[Player, Row]]:
        rows = context_rows(self.history, game, team, listed)
        forgotten = set() if self.traits is None else self.traits.forgotten(listed.dressed)
        return [(player, row) for player, row in rows if player not in forgotten]

    def _log_those_who_sat_out(self, game: Game, listed: Mapping[str, Availability], winner: str) -> None:
        for abbr in game.teams:
            team, dressed = self.league.teams[abbr], listed[abbr].dressed
            for row in sat_out_rows(game, team, dressed, won=abbr == winner):
                self.files.add(tables.PLAYER_GAME_SUMMARY, row)
            for player in team.roster:
                if player not in dressed:
                    self.history.logged(player, abbr)

    def _write_upstream(self, first_game: Game, contexts: Sequence[tuple[Player, Row]]) -> None:
        game_date = first_game.game_date
        missing = {
            table for table, days in MISSING_IN_NOVEMBER.items() if game_date.month == 11 and game_date.day in days
        }
        defenses = defense_rows(self.history, game_date)
        rows: list[tuple[str, Row | None]] = [(tables.TEAM_DEFENSE_ZONE_ANALYSIS, row) for row in defenses.values()]
        for player, context in contexts:
            computed = shot_zone_row(self.history, player, context)
            zones = None if tables.PLAYER_SHOT_ZONE_ANALYSIS in missing else computed
            defense = defenses.get(context["opponent_team_abbr"])
            rows += [
                (tables.PLAYER_SHOT_ZONE_ANALYSIS, zones),
                (tables.PLAYER_DAILY_CACHE, daily_cache_row(self.history, player, context, zones)),
                (
                    tables.PLAYER_COMPOSITE_FACTORS,
                    composite_row(self.history, player, context, zones, defense),
                ),
            ]
        due = [(table, row) for table, row in rows if row is not None and table not in missing]
        for table, row in due if self.traits is None else self.traits.precomputed(first_game, due):
            self.files.add(table, row)


def _schedule_row(game: Game) -> Row:
    return {
        "game_id": game.game_id,
        "game_date": game.game_date,
        "home_team_tricode": game.home,
        "away_team_tricode": game.away,
        "game_status": game.game_status,
        "season_year": game.season_year,
        "season_phase": game.season_phase,
        "is_regular_season": game.season_phase == "regular_season",
        "is_playoffs": game.season_phase == "playoffs",
        "home_team_name": TEAM_NAMES[game.home],
        "away_team_name": TEAM_NAMES[game.away],
    }
