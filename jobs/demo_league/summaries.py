"""A played game as rows of the three per-game tables, and as an entry in the history.

The numbers come from `box_scores`; nothing is rolled here.
"""

from __future__ import annotations

from collections.abc import Iterator

from jobs.demo_league import tables
from jobs.demo_league.box_scores import MID_RANGE, PAINT, THREE, GameBox, Line, TeamBox
from jobs.demo_league.history import DefenseGame, History, OffenseGame, PlayerGame
from jobs.demo_league.rounding import ratio
from jobs.demo_league.schedule import Game
from jobs.demo_league.write import Row, stamps_of_a_game

_PLAYERS_ON_FLOOR = 5


def record_game(history: History, game: Game, box: GameBox) -> Iterator[tuple[str, Row]]:
    """Enters a game into the history; yields the rows that it adds, each with its table."""
    processed = stamps_of_a_game(game.game_date)
    pace, possessions = box.pace, box.possessions
    for side, other in ((box.home, box.away), (box.away, box.home)):
        won = box.winner is side
        common = {
            "game_id": game.game_id,
            "game_date": game.game_date,
            "opponent_team_abbr": other.team.abbr,
            "season_year": game.season_year,
            "win_flag": won,
            **processed,
        }
        rating = ratio(10_000 * 100 * side.total("points"), possessions)
        rating_allowed = ratio(10_000 * 100 * other.total("points"), possessions)
        margin = side.total("points") - other.total("points")
        team_common = {
            **common,
            "home_game": side is box.home,
            "margin_of_victory": margin,
        }
        record = history.team(side.team.abbr)
        record.offense.append(OffenseGame(pace, rating))
        record.wins += won
        record.margin += margin
        yield (
            tables.TEAM_OFFENSE_GAME_SUMMARY,
            {
                **team_common,
                **_offense_columns(side),
                "offensive_rating": rating,
                "pace": pace,
                "possessions": ratio(possessions, 100),
            },
        )
        record.season.append(
            DefenseGame(
                day=game.game_date.toordinal(),
                rating=rating_allowed,
                pace=pace,
                points_allowed=other.total("points"),
                attempts=other.zone_totals("attempts"),
                makes=other.zone_totals("makes"),
            )
        )
        yield (
            tables.TEAM_DEFENSE_GAME_SUMMARY,
            {
                **team_common,
                **_defense_columns(side, other),
                "defensive_rating": rating_allowed,
                "opponent_pace": pace,
            },
        )
        yield from _player_rows(history, game, side, {**common, "season_phase": game.season_phase})


def _offense_columns(side: TeamBox) -> Row:
    (paint, mid_range, three), (paint_in, mid_range_in, three_in) = map(side.zone_totals, ("attempts", "makes"))
    return {
        "team_abbr": side.team.abbr,
        "points_scored": side.total("points"),
        "fg_attempts": paint + mid_range + three,
        "fg_makes": paint_in + mid_range_in + three_in,
        "three_pt_attempts": three,
        "three_pt_makes": three_in,
        "ft_attempts": side.total("ft_attempts"),
        "ft_makes": side.total("ft_makes"),
        "assists": side.total("assists"),
        "turnovers": side.total("turnovers"),
        "team_paint_attempts": paint,
        "team_paint_makes": paint_in,
        "team_mid_range_attempts": mid_range,
        "team_mid_range_makes": mid_range_in,
    }


def _defense_columns(side: TeamBox, other: TeamBox) -> Row:
    """The opponent's offence under the names that it has in the defence's table."""
    renamed = {
        "points_scored": "points_allowed",
        "turnovers": "turnovers_forced",
        "team_paint_attempts": "opp_paint_attempts",
        "team_paint_makes": "opp_paint_makes",
        "team_mid_range_attempts": "opp_mid_range_attempts",
        "team_mid_range_makes": "opp_mid_range_makes",
    }
    allowed = _offense_columns(other)
    del allowed["team_abbr"]
    columns = {renamed.get(name, f"opp_{name}"): value for name, value in allowed.items()}
    return {"defending_team_abbr": side.team.abbr, **columns}


def _player_rows(history: History, game: Game, side: TeamBox, common: Row) -> Iterator[tuple[str, Row]]:
    team_plays, team_minutes = side.total("plays_used"), side.total("minutes")
    for line in side.lines:
        usage = _usage(line, team_plays, team_minutes)
        true_shooting = _true_shooting(line)
        makes = sum(line.makes)
        history.logged(line.player, side.team.abbr)
        if usage is not None:
            history.player(line.player).season.append(
                PlayerGame(
                    game.game_date.toordinal(),
                    line.points,
                    line.minutes,
                    usage,
                    true_shooting,
                    line.attempts[PAINT],
                    line.attempts[MID_RANGE],
                    line.attempts[THREE],
                    makes,
                    line.assisted_makes,
                )
            )
        yield (
            tables.PLAYER_GAME_SUMMARY,
            {
                **common,
                "player_lookup": line.player.lookup,
                "universal_player_id": line.player.universal_id,
                "player_full_name": line.player.name,
                "team_abbr": side.team.abbr,
                "points": line.points,
                "minutes_played": line.minutes,
                "assists": line.assists,
                "offensive_rebounds": line.offensive_rebounds,
                "turnovers": line.turnovers,
                "fg_attempts": sum(line.attempts),
                "fg_makes": makes,
                "three_pt_attempts": line.attempts[THREE],
                "three_pt_makes": line.makes[THREE],
                "ft_attempts": line.ft_attempts,
                "ft_makes": line.ft_makes,
                "paint_attempts": line.attempts[PAINT],
                "paint_makes": line.makes[PAINT],
                "mid_range_attempts": line.attempts[MID_RANGE],
                "mid_range_makes": line.makes[MID_RANGE],
                "assisted_fg_makes": line.assisted_makes,
                "unassisted_fg_makes": makes - line.assisted_makes,
                "usage_rate": usage,
                "ts_pct": true_shooting,
                "starter_flag": line.starter,
                "is_active": True,
            },
        )


def _usage(line: Line, team_plays: int, team_minutes: int) -> int | None:
    """Share of the team's plays that a player used in his minutes, in hundredths of a percent."""
    if line.minutes == 0:
        return None
    return ratio(10_000 * line.plays_used * team_minutes, _PLAYERS_ON_FLOOR * line.minutes * team_plays)


def _true_shooting(line: Line) -> int | None:
    """Points for twice the shots, free throws counting 0.44, in thousandths; None without a shot."""
    shots = 100 * sum(line.attempts) + 44 * line.ft_attempts
    return ratio(1000 * 100 * line.points, 2 * shots) if shots else None
