"""The league that the tests look at, and what they compute from its rows."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from jobs.schemas import tables as schemas

Row = dict[str, Any]
Tables = dict[str, list[Row]]

TEAMS, PLAYERS = 6, 12
OPENING = datetime.date(2021, 10, 19)
DAY = datetime.timedelta(days=1)
REPROCESSED = {
    "player_daily_cache",
    "player_composite_factors",
    "upcoming_player_game_context",
    "player_game_summary",
}
KEYS = {table.name: table.key for table in schemas.SOURCES}
DATES = {table.name: table.date_column for table in schemas.SOURCES}
UPSTREAM = [table.name for table in schemas.PHASE4_TABLES]


def read_league(folder: Path) -> Tables:
    return {
        table.name: pq.read_table(folder / table.dataset / f"{table.name}.parquet").to_pylist()
        for table in schemas.SOURCES
    }


def newest(rows: Iterable[Row], key: tuple[str, ...]) -> list[Row]:
    best: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        found = best.setdefault(tuple(row[column] for column in key), row)
        if row["processed_at"] > found["processed_at"]:
            best[tuple(row[column] for column in key)] = row
    return list(best.values())


def before(rows: Iterable[Row], game_date: datetime.date, last: int | None = None) -> list[Row]:
    earlier = [row for row in rows if row["game_date"] < game_date]
    return earlier[-last:] if last else earlier


def rounded(value: Fraction | float, decimals: int) -> Decimal:
    exact = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else Decimal(value)
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def average(rows: list[Row], column: str, decimals: int = 4) -> Decimal | None:
    values = [Fraction(row[column]) for row in rows if row[column] is not None]
    return rounded(sum(values, Fraction()) / len(values), decimals) if values else None


def share(part: int, whole: int, decimals: int, scale: int = 100) -> Decimal | None:
    return rounded(Fraction(scale * part, whole), decimals) if whole else None


def total(rows: Iterable[Row], column: str) -> int:
    return sum(row[column] for row in rows)
