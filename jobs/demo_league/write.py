"""Writing of rows to the league's Parquet files, some of them twice: as first processed, and re-processed.

Amounts come in as integers in the last place of a DECIMAL column; what they mean is decided elsewhere.
"""

from __future__ import annotations

import datetime
import hashlib
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.demo_league import tables

Row = dict[str, Any]

_ROWS_PER_GROUP = 20_000
_REPROCESSED_SHARE = 1 / 165
_REPROCESSED_AFTER = 40 * 60 * 1_000_000
_EPOCH = datetime.date(1970, 1, 1)
_MICROSECONDS_A_MINUTE = 60 * 1_000_000
_NOT_HASHED = ("data_hash", "processed_at", "created_at")


def stamps(day: datetime.date, hour: int, minute: int = 0) -> dict[str, int]:
    """`processed_at` and `created_at` of a row processed at this time (UTC), as microseconds since 1970."""
    minutes = (day - _EPOCH).days * 24 * 60 + hour * 60 + minute
    return dict.fromkeys(("processed_at", "created_at"), minutes * _MICROSECONDS_A_MINUTE)


def stamps_of_a_game(day: datetime.date) -> dict[str, int]:
    """When the rows of a day's games are processed: the morning after."""
    return stamps(day + datetime.timedelta(days=1), 6)


def _before_correction(row: Row) -> Row:
    """A box score before the league's office found a free throw that had been missed, or a minute."""
    if row["points"] is None:
        return row
    if row["ft_makes"]:
        return {**row, "ft_makes": row["ft_makes"] - 1, "points": row["points"] - 1}
    return {**row, "minutes_played": max(0, row["minutes_played"] - 10)}


_FIRST_VERSIONS: dict[str, Callable[[Row], Row]] = {
    tables.PLAYER_DAILY_CACHE: lambda row: {**row, "points_avg_last_5": row["points_avg_last_5"] + 2000},
    tables.PLAYER_COMPOSITE_FACTORS: lambda row: {**row, "fatigue_score": max(0, row["fatigue_score"] - 5)},
    tables.UPCOMING_PLAYER_GAME_CONTEXT: lambda row: {**row, "player_status": None},
    tables.PLAYER_GAME_SUMMARY: _before_correction,
}
"""What the first version of a row said, by table; the re-processed one is right, and newer by 40 minutes."""


class TableFile:
    """One Parquet file being written, a row group at a time."""

    def __init__(self, folder: Path, table: str, schema: pa.Schema, seed: int) -> None:
        self.rows_written = 0
        self._schema = schema
        self._hashed = [name for name in self._schema.names if name not in _NOT_HASHED]
        self._first_version = _FIRST_VERSIONS.get(table)
        # Dice of its own: which rows stand twice must not change what the league plays.
        self._rng = random.Random(f"{seed}:{table}")
        self._rows: list[Row] = []
        path = folder / f"{table}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(path, self._schema)

    def add(self, row: Row) -> None:
        """Adds a row of all columns but `data_hash`; in some tables one in 165 also gets an older version."""
        if self._first_version is not None and self._rng.random() < _REPROCESSED_SHARE:
            first = self._first_version(row)
            newer = {name: row[name] + _REPROCESSED_AFTER for name in ("processed_at", "created_at")}
            versions = [first, {**row, **newer}]
            # In a table nobody promises which of the two comes first.
            self._rng.shuffle(versions)
        else:
            versions = [row]
        for version in versions:
            if "data_hash" in self._schema.names:
                text = "|".join([str(version[name]) for name in self._hashed])
                version["data_hash"] = hashlib.sha256(text.encode()).hexdigest()[:16]
            self._rows.append(version)
        if len(self._rows) >= _ROWS_PER_GROUP:
            self._flush()

    def close(self) -> None:
        """Writes what is left; a table without rows is a file without rows."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            columns = [_array([row[field.name] for row in self._rows], field.type) for field in self._schema]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self.rows_written += len(self._rows)
        self._rows = []


def _array(values: list[Any], type_: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(type_):
        scale = -type_.scale
        values = [None if value is None else Decimal(value).scaleb(scale) for value in values]
    return pa.array(values, type_)


class LeagueFiles:
    """All files of the league, open for writing; a context manager that closes them."""

    def __init__(self, folder: Path, seed: int, *, schedule_form: str = "both") -> None:
        schemas = {**tables.SCHEMAS, tables.NBAC_SCHEDULE: tables.schedule_schema(schedule_form)}
        self._files = {table: TableFile(folder, table, schema, seed) for table, schema in schemas.items()}

    def __enter__(self) -> LeagueFiles:
        return self

    def __exit__(self, *exception: object) -> None:
        for file in self._files.values():
            file.close()

    def add(self, table: str, row: Row) -> None:
        """Adds a row to a table, named as in `tables`."""
        self._files[table].add(row)

    def rows_by_table(self) -> dict[str, int]:
        """Rows written so far, by table name; complete once the files are closed."""
        return {table.split("/")[1]: file.rows_written for table, file in self._files.items()}
