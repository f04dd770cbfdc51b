"""How rows lie in the files of a table: each file has some dates of one slice, in the order of the table's key."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.schemas.tables import Table

_LEAST_ROWS_A_FILE, _MOST_ROWS_A_FILE = 10_000, 200_000
_CANDIDATES_A_FILE = 32

RowsByDate = Mapping[datetime.date, int]


def in_files_of_dates(rows: DataFrame, table: Table, slices: Sequence[RowsByDate]) -> DataFrame:
    """Rows as they are to be written, a task a file; `slices` tell how many there are, about, of each date."""
    spark = rows.sparkSession
    tasks = int(spark.conf.get("spark.sql.shuffle.partitions") or 1)
    ends = last_dates(slices, number_of_files(sum(map(_sum, slices)), tasks))
    of_file = _file_of(F.col(table.date_column), ends, _numbers(spark, len(ends)))
    return rows.repartition(len(ends), of_file).sortWithinPartitions(*table.key_by_date)


def number_of_files(rows: int, tasks: int) -> int:
    """As many as Spark has tasks, unless they would be small, or larger than a task should sort."""
    return max(1, min(tasks, -(-rows // _LEAST_ROWS_A_FILE)), -(-rows // _MOST_ROWS_A_FILE))


def last_dates(slices: Sequence[RowsByDate], files: int) -> list[datetime.date]:
    """The last date of each file, of about so many files with about as many rows; none has dates of two slices."""
    rows = max(1, sum(map(_sum, slices)))
    return [end for dates in slices for end in _ends(dates, round(files * _sum(dates) / rows))]


def _ends(dates: RowsByDate, files: int) -> Iterator[datetime.date]:
    rows_a_file, rows = _sum(dates) / max(1, files), 0
    for date in sorted(dates):
        rows += dates[date]
        if date == max(dates) or rows >= rows_a_file:
            yield date
            rows = 0


def _sum(dates: RowsByDate) -> int:
    return sum(dates.values())


def _file_of(date: Column, ends: Sequence[datetime.date], numbers: Sequence[int]) -> Column:
    number = F.when(F.lit(False), numbers[-1])
    for end, of_file in zip(ends[:-1], numbers[:-1], strict=True):
        number = number.when(date <= end, of_file)
    return number.otherwise(numbers[-1])


def _numbers(spark: SparkSession, pieces: int) -> list[int]:
    """A number for each piece, by which Spark puts a row there: numbers that it hashes are found by its own hash.

    To cut by ranges Spark looks for their bounds first, and computes all rows twice for it. Were it to hash otherwise,
    a file would have the dates of several pieces; no row would be lost.
    """
    candidates = ", ".join(f"({number})" for number in range(_CANDIDATES_A_FILE * pieces))
    hashed = f"SELECT number, pmod(hash(number), {pieces}) AS piece FROM VALUES {candidates} AS candidates(number)"
    by_piece = {row["piece"]: row["number"] for row in spark.sql(hashed).collect()}
    return [by_piece.get(piece, piece) for piece in range(pieces)]
