"""Files of one source table for the tests of the import, and what stands in the file that they are staged as."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.schemas.tables import TEAM_OFFENSE_GAME_SUMMARY
from jobs.warehouse.import_files import find_files
from jobs.warehouse.import_staging import StagedTable, stage_files

OFFENSE = TEAM_OFFENSE_GAME_SUMMARY
DAY = datetime.date(2021, 11, 6)
INSTANT = datetime.datetime(2021, 11, 7, 16, 0, 0, 123456)
HEADER = "team_abbr,game_date,season_year,pace,offensive_rating,win_flag,processed_at,created_at"
ROW = {
    "team_abbr": "ATL",
    "game_date": "2021-11-06",
    "season_year": "2021",
    "pace": "99.5",
    "offensive_rating": "110.25",
    "win_flag": "true",
    "processed_at": "2021-11-07 16:00:00",
    "created_at": "",
}


def place(files: Path, ending: str) -> Path:
    """Where the table's file or folder is."""
    path = files / OFFENSE.dataset / f"{OFFENSE.name}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def line(**changed: str) -> str:
    """A line of CSV with these fields changed, or added at its end."""
    return ",".join({**ROW, **changed}.values()) + "\n"


def header(*more: str) -> str:
    """The header of such lines."""
    return ",".join([HEADER, *more]) + "\n"


def rows_of(**columns: pa.Array) -> pa.Table:
    """Two rows of the table for a Parquet file, with these columns changed or added."""
    time = pa.timestamp("us", tz="UTC")
    plain = {
        "team_abbr": pa.array(["ATL", "BOS"]),
        "game_date": pa.array([DAY, DAY]),
        "season_year": pa.array([2021, None], pa.int32()),
        "pace": pa.array([Decimal("99.5"), None], pa.decimal128(5, 1)),
        "offensive_rating": pa.array([Decimal("110.25"), Decimal("98.00")], pa.decimal128(6, 2)),
        "win_flag": pa.array([True, None]),
        "processed_at": pa.array([INSTANT, None], time),
        "created_at": pa.array([None, None], time),
    }
    return pa.table({**plain, **columns})


def stage(files: Path, staging: Path, encoding: str = "utf-8") -> StagedTable:
    """Stages the only table of a folder."""
    (found,) = find_files(files)
    staging.mkdir(exist_ok=True)
    return stage_files(found, staging, encoding)


def staged_rows(files: Path, staging: Path, encoding: str = "utf-8") -> list[dict[str, Any]]:
    """The rows of the only table of a folder, as staged."""
    rows: list[dict[str, Any]] = pq.read_table(stage(files, staging, encoding).path).to_pylist()
    return rows
