"""Context rows: what is known of a rostered player on the morning of a game, whether or not he will play it.

Reads the history only, so never the game itself.
"""

from __future__ import annotations

from itertools import pairwise

from jobs.demo_league.history import History
from jobs.demo_league.rosters import Availability, Player, Team
from jobs.demo_league.rounding import mean, ratio
from jobs.demo_league.schedule import Game
from jobs.demo_league.write import Row, stamps

_LAST_GAMES = 10


def context_rows(history: History, game: Game, team: Team, availability: Availability) -> list[tuple[Player, Row]]:
    """One row for each player on the roster of one of the game's teams."""
    opponent = game.away if team.abbr == game.home else game.home
    day = game.game_date.toordinal()
    opponent_pace, own_pace = (_recent_pace(history, abbr) for abbr in (opponent, team.abbr))
    common = {
        "game_id": game.game_id,
        "game_date": game.game_date,
        "team_abbr": team.abbr,
        "opponent_team_abbr": opponent,
        "home_game": team.abbr == game.home,
        "season_phase": game.season_phase,
        "opponent_days_rest": history.team(opponent).days_rest(day),
        "opponent_pace_last_10": opponent_pace,
        "pace_differential": None if opponent_pace is None or own_pace is None else opponent_pace - own_pace,
        **stamps(game.game_date, 7),
    }
    return [
        (
            player,
            {
                **common,
                **_workload(history, player, team.abbr, day),
                "player_lookup": player.lookup,
                "universal_player_id": player.universal_id,
                "star_teammates_out": availability.stars_out(team, player),
                "player_age": player.age(game.game_date),
                "player_status": availability.statuses[player],
            },
        )
        for player in team.roster
    ]


def _recent_pace(history: History, abbr: str) -> int | None:
    """Mean pace of a team's last 10 games, in tenths; None before its first."""
    last = [game.pace for game in history.team(abbr).offense[-_LAST_GAMES:]]
    return mean(last, 1) if last else None


def _workload(history: History, player: Player, team: str, day: int) -> Row:
    """Rest, games, minutes and usage of a player this season before a day; NULL for a mean over nothing.

    A player without a game this season has rested since his team's last one.
    """
    season = history.player(player).season
    fortnight = history.player(player).since(day - 14)
    week = [game for game in fortnight if game.day >= day - 7]
    days = [game.day for game in fortnight]
    days_rest = day - season[-1].day if season else history.team(team).days_rest(day)
    usages = [game.usage for game in season]
    return {
        "days_rest": days_rest,
        "back_to_back": bool(season) and days_rest == 1,
        "games_in_last_7_days": len(week),
        "games_in_last_14_days": len(fortnight),
        "minutes_in_last_7_days": ratio(sum(game.minutes for game in week), 10),
        "minutes_in_last_14_days": ratio(sum(game.minutes for game in fortnight), 10),
        "avg_minutes_per_game_last_7": mean([game.minutes for game in week], 1) if week else None,
        "back_to_backs_last_14_days": sum(later - earlier == 1 for earlier, later in pairwise(days)),
        "avg_usage_rate_last_7_games": mean(usages[-7:], 1) if usages else None,
        "projected_usage_rate": mean(usages, 1) if usages else None,
    }
