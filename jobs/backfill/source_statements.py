"""The counts of a plan as statements: what each source holds of each date, and who played without a row of context.

They count as `transforms.game_dates` and `transforms.without_context` do. Text out; nothing is read here.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.schemas.tables import Table
from jobs.warehouse.dialect import DateRange, Dialect
from jobs.warehouse.statements import newest_first
from transforms.game_dates import ALL_DATES
from transforms.precomputed_lookup import TEAM_SOURCE
from transforms.schedule import OTHER, PLAYOFFS, REGULAR_SEASON, TEAM
from transforms.without_context import PLAYED

_TEAMS_OF_CONTEXT = (TEAM, "opponent_team_abbr")


@dataclass(frozen=True)
class CountedSource:
    """A source that is counted: its table with the columns that are there, and what a statement calls it.

    Rows of the dates `between` two are counted, of these only the `listed` ones if there are any, and rows without one.
    """

    table: Table
    name: str
    between: DateRange
    listed: Sequence[datetime.date] | None = None

    @property
    def entity(self) -> str:
        """The column of the key that is no date."""
        return self.table.key[0]

    def where(self, dialect: Dialect) -> str:
        """The condition of the rows that are counted."""
        date, (first, last) = self.table.date_column, self.between
        conditions = [f"({date} IS NULL OR {date} BETWEEN DATE '{first}' AND DATE '{last}')"]
        if self.listed is not None:
            conditions.append(f"({date} IS NULL OR {date} IN {dialect.dates(self.listed)})")
        return " AND ".join(conditions)


def source_counts_statement(
    dialect: Dialect, context: CountedSource, precomputed: Sequence[CountedSource], others: Sequence[CountedSource]
) -> str:
    """The rows of `rows_with_context` and of `rows_by_date` for the `others`, with `row_count` for `rows`.

    `regular_season` is 1 or 0.
    """
    key_rows = [_key_rows(dialect, source) for source in (context, *precomputed, *others)]
    key_rows.append(_players_of_all_dates(dialect, context))
    key_rows += [rows for source in precomputed for rows in _asked_by_context(dialect, context, source.table.name)]
    has_key = "game_date IS NOT NULL AND entity IS NOT NULL"
    union = "\n  UNION ALL\n".join(key_rows)
    return f"""SELECT source, game_date, season_year, SUM(row_count) AS row_count,
  COUNT(CASE WHEN {has_key} AND row_count > 0 THEN 1 END) AS keyed_rows,
  COALESCE(SUM(CASE WHEN {has_key} THEN 0 ELSE row_count END), 0) AS unkeyed_rows,
  COUNT(CASE WHEN row_count > 0 THEN entity END) AS entities,
  COUNT(CASE WHEN asked > 0 THEN 1 END) AS asked,
  COUNT(CASE WHEN asked > 0 AND row_count > 0 THEN 1 END) AS answered,
  MAX(regular_season) AS regular_season
FROM (
  SELECT source, game_date, season_year, entity, SUM(is_row) AS row_count, SUM(1 - is_row) AS asked,
    MAX(regular_season) AS regular_season
  FROM (
{union}
  ) AS key_rows
  GROUP BY source, game_date, season_year, entity
) AS counted
GROUP BY source, game_date, season_year"""


def _key_rows(dialect: Dialect, source: CountedSource) -> str:
    names = source.table.column_names
    season_year, regular_season = "NULL", "NULL"
    if "home_team_tricode" in names:
        season_year = "season_year"
        regular_season = f"CASE WHEN {_phase(names)} = '{REGULAR_SEASON}' THEN 1 ELSE 0 END"
    return _meaning(
        dialect, source, source.table.name, source.table.date_column, source.entity, season_year, regular_season
    )


def _players_of_all_dates(dialect: Dialect, context: CountedSource) -> str:
    """Each player of context that has a date, without it."""
    entity = f"CASE WHEN {context.table.date_column} IS NOT NULL THEN {context.entity} END"
    return _meaning(dialect, context, ALL_DATES, "NULL", entity)


def _asked_by_context(dialect: Dialect, context: CountedSource, precomputed: str) -> list[str]:
    """The players or teams that context asks a pre-computed table for, one SELECT a column."""
    entities = _TEAMS_OF_CONTEXT if precomputed == TEAM_SOURCE.table_name else (context.entity,)
    date = context.table.date_column
    return [
        _meaning(dialect, context, precomputed, date, entity, is_row=0)
        + f" AND {date} IS NOT NULL AND {entity} IS NOT NULL AND {context.entity} IS NOT NULL"
        for entity in entities
    ]


def _meaning(
    dialect: Dialect,
    source: CountedSource,
    counted_as: str,
    date: str,
    entity: str,
    season_year: str = "NULL",
    regular_season: str = "NULL",
    *,
    is_row: int = 1,
) -> str:
    return (
        f"  SELECT '{counted_as}' AS source, {is_row} AS is_row, CAST({date} AS DATE) AS game_date, "
        f"CAST({season_year} AS {dialect.integer}) AS season_year, {entity} AS entity, "
        f"CAST({regular_season} AS {dialect.integer}) AS regular_season\n"
        f"  FROM {source.name} WHERE {source.where(dialect)}"
    )


def _phase(names: Sequence[str]) -> str:
    """As `transforms.schedule.phase`, of a schedule that has these columns."""
    flags = {"is_playoffs": PLAYOFFS, "is_regular_season": REGULAR_SEASON}
    whens = "".join(f" WHEN {flag} THEN '{phase}'" for flag, phase in flags.items() if flag in names)
    by_flag = f"CASE{whens} ELSE '{OTHER}' END" if whens else f"'{OTHER}'"
    return f"COALESCE(season_phase, {by_flag})" if "season_phase" in names else by_flag


def played_without_context_statement(
    dialect: Dialect, games: CountedSource, context: CountedSource, asked: DateRange
) -> str:
    """How many players played on each date and have no row of context: `game_date`, `players`, and two of them.

    `first_player` and `last_player` are those by name. The dates are those `listed` of context, or else those that are
    `asked` for, both included.
    """
    first, last = asked
    key = ", ".join(games.table.key)
    date = games.table.date_column
    of_dates = f"{date} BETWEEN DATE '{first}' AND DATE '{last}'"
    if context.listed is not None:
        of_dates = f"{date} IN {dialect.dates(context.listed)}"
    order = newest_first(dialect, games.table.column_names, games.table.key)
    return f"""SELECT games.{date} AS game_date, COUNT(*) AS players,
  MIN(games.{games.entity}) AS first_player, MAX(games.{games.entity}) AS last_player
FROM (
  SELECT {key}, points, minutes_played, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {order}) AS newest
  FROM {games.name} WHERE {of_dates} AND {games.entity} IS NOT NULL
) AS games
LEFT JOIN (SELECT DISTINCT {key} FROM {context.name} WHERE {of_dates}) AS known
ON {" AND ".join(f"known.{name} = games.{name}" for name in games.table.key)}
WHERE games.newest = 1 AND ({PLAYED}) AND known.{games.entity} IS NULL
GROUP BY games.{date}"""
