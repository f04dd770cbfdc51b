"""One Parquet file of a source table: its columns in the types that Delta stores, read through in batches.

Dates and times are read as they stand, in the calendar of today however old they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.errors import ContractError
from jobs.object_stores.folders import Folder, source_of
from jobs.warehouse.arrow_types import TIMESTAMP

_BATCH_ROWS = 65_536
_A_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
# The first second of year 1 and the last of year 9999, from 1970; and the same in days.
_SECONDS = (-62_135_596_800, 253_402_300_799)
_DAYS = (-719_162, 2_932_896)


class UnstorableError(Exception):
    """A column has a value that the table's column cannot hold."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True)
class ParquetFile:
    """A file with its schema as it stands; `place` is what its table is called in an error."""

    path: Folder
    place: str
    schema: pa.Schema

    @property
    def columns(self) -> list[tuple[str, pa.DataType]]:
        """The names and types of all columns, types that Delta lacks and names that are there twice included."""
        return [(field.name, field.type) for field in self.schema]

    def batches(self) -> Iterator[list[pa.Array]]:
        """The columns, some rows at a time, as they stand in the file. ContractError for a damaged file."""
        try:
            with _opened(self.path) as file:
                for batch in file.iter_batches(_BATCH_ROWS, use_threads=False):
                    yield batch.columns
        except (pa.ArrowException, OSError) as error:
            raise ContractError(_damaged(self.place, self.path, error)) from None


def open_parquet(path: Folder, place: str) -> ParquetFile:
    """Reads a file's footer. ContractError for a file that has none."""
    try:
        with _opened(path) as file:
            return ParquetFile(path, place, file.schema_arrow)
    except (pa.ArrowException, OSError) as error:
        raise ContractError(_damaged(place, path, error)) from None


def stored(name: str, array: pa.Array, type_: pa.DataType) -> pa.Array:
    """A file's column as values of a table's type. UnstorableError where a value has no place in it."""
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    try:
        if type_ == TIMESTAMP and pa.types.is_timestamp(array.type):
            return _microseconds(name, array)
        if type_ == pa.date32():
            days = array.cast(pa.date32())
            _check_range(name, days, days.cast(pa.int32()), _DAYS)
            return days
        return array.cast(type_)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise UnstorableError(name, f"has a value that is not {type_} ({error})") from None


def _microseconds(name: str, times: pa.Array) -> pa.Array:
    """Times of any unit as microseconds of UTC; finer ones are cut."""
    unit = times.type.unit
    ticks = times.cast(pa.int64())
    earliest, latest = (second * _A_SECOND[unit] for second in _SECONDS)
    if unit == "ns":
        # The years 1677 to 2262 are all that nanoseconds reach.
        return pc.floor_temporal(times.cast(pa.timestamp("ns")), unit="microsecond").cast(TIMESTAMP, safe=False)
    _check_range(name, times, ticks, (earliest, latest + _A_SECOND[unit] - 1))
    return times.cast(pa.timestamp("us")).cast(TIMESTAMP) if times.type.tz is None else times.cast(TIMESTAMP)


def _check_range(name: str, values: pa.Array, ticks: pa.Array, limits: tuple[int, int]) -> None:
    outside = pc.or_(pc.less(ticks, limits[0]), pc.greater(ticks, limits[1]))
    if pc.any(outside).as_py():
        index = pc.index(outside, True).as_py()
        without_zone = pa.timestamp(values.type.unit) if pa.types.is_timestamp(values.type) else values.type
        value = values.slice(index, 1).cast(without_zone).cast(pa.string())[0].as_py()
        raise UnstorableError(name, f"has the value {value}, a year before 1 or after 9999")


def _opened(path: Folder) -> pq.ParquetFile:
    return pq.ParquetFile(
        source_of(path), coerce_int96_timestamp_unit="us", page_checksum_verification=True, pre_buffer=False
    )


def _damaged(place: str, path: Folder, error: Exception) -> str:
    what = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"table {place}: {path} is not a Parquet file, or a damaged one ({what}); write it again"
