"""What the text of a CSV field means in each type: one value, or none."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from jobs.warehouse.csv_values import WrongValueError, parsed

UTC = datetime.timezone.utc


def value_of(text: str | None, type_: str) -> Any:
    return parsed(pa.array([text], pa.string()), type_)[0].as_py()


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("INT64", "5", 5),
        ("INT64", "+5", 5),
        ("INT64", "-5", -5),
        ("INT64", "007", 7),
        ("INT64", " 5 ", 5),
        ("INT64", "5.0", 5),
        ("INT64", "9223372036854775807", 9223372036854775807),
        ("NUMERIC", "33", Decimal(33)),
        ("NUMERIC", "-.5", Decimal("-0.5")),
        ("NUMERIC", "1e3", Decimal(1000)),
        ("NUMERIC", "1e-07", Decimal("0.0000001")),
        ("NUMERIC", "12.3333333333333333", Decimal("12.333333333")),
        ("NUMERIC", "-0.0000000005", Decimal("-0.000000001")),
        ("FLOAT64", "99.5", 99.5),
        ("FLOAT64", "1e3", 1000.0),
        ("BOOL", "TRUE", True),
        ("BOOL", "False", False),
        ("BOOL", "1", True),
        ("BOOL", "n", False),
        ("DATE", "2021-11-06", datetime.date(2021, 11, 6)),
        ("DATE", "2021-11-06 00:00:00", datetime.date(2021, 11, 6)),
        ("DATE", "0001-01-01", datetime.date(1, 1, 1)),
        ("DATE", "9999-12-31", datetime.date(9999, 12, 31)),
        ("STRING", " as it is ", " as it is "),
        ("STRING", "NaN", "NaN"),
        ("STRING", "", ""),
    ],
)
def test_a_text_that_is_a_value(type_: str, text: str, value: Any) -> None:
    assert value_of(text, type_) == value


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2021-11-07", datetime.datetime(2021, 11, 7, tzinfo=UTC)),
        ("2021-11-07 16:00", datetime.datetime(2021, 11, 7, 16, tzinfo=UTC)),
        ("2021-11-07T16:00:05Z", datetime.datetime(2021, 11, 7, 16, 0, 5, tzinfo=UTC)),
        ("2021-11-07 16:00:05 UTC", datetime.datetime(2021, 11, 7, 16, 0, 5, tzinfo=UTC)),
        ("2021-11-07 16:00:05+00:00", datetime.datetime(2021, 11, 7, 16, 0, 5, tzinfo=UTC)),
        ("2021-11-07 16:00:05-05:30", datetime.datetime(2021, 11, 7, 21, 30, 5, tzinfo=UTC)),
        ("2021-11-07T01:00:05+0200", datetime.datetime(2021, 11, 6, 23, 0, 5, tzinfo=UTC)),
        ("2021-11-07 16:00:05.5", datetime.datetime(2021, 11, 7, 16, 0, 5, 500_000, tzinfo=UTC)),
        ("2021-11-07 16:00:05.123456", datetime.datetime(2021, 11, 7, 16, 0, 5, 123_456, tzinfo=UTC)),
        ("2021-11-07 16:00:05.123456999Z", datetime.datetime(2021, 11, 7, 16, 0, 5, 123_456, tzinfo=UTC)),
        ("0001-01-01 00:00:00", datetime.datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_an_instant_of_utc_unless_it_names_its_zone(text: str, instant: datetime.datetime) -> None:
    assert value_of(text, "TIMESTAMP") == instant


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("INT64", "5.5"),
        ("INT64", "1e3"),
        ("INT64", "1,000"),
        ("INT64", "NaN"),
        ("INT64", "null"),
        ("INT64", "9223372036854775808"),
        ("INT64", "0x10"),
        ("INT64", "٥"),
        ("NUMERIC", "99,5"),
        ("NUMERIC", "1.000,5"),
        ("NUMERIC", "NaN"),
        ("NUMERIC", "1" + "0" * 29),
        ("NUMERIC", "1e-60"),
        ("FLOAT64", "inf"),
        ("FLOAT64", "nan"),
        ("FLOAT64", "1e999"),
        ("BOOL", "2"),
        ("BOOL", "won"),
        ("DATE", "211020"),
        ("DATE", "2021"),
        ("DATE", "20211106"),
        ("DATE", "2021-11-6"),
        ("DATE", "2021-02-30"),
        ("DATE", "20211-11-06"),
        ("DATE", "0000-01-01"),
        ("DATE", "06.11.2021"),
        ("DATE", "2021-11-06 05:00:00"),
        ("TIMESTAMP", "16:00:00"),
        ("TIMESTAMP", "2021-11-07 24:00:00"),
        ("TIMESTAMP", "2021-11-07 16:00:60"),
        ("TIMESTAMP", "2021-11-07 16:00:00+99:00"),
        ("TIMESTAMP", "20211-11-07 16:00:00"),
        ("TIMESTAMP", "0001-01-01 00:00:00+01:00"),
        ("TIMESTAMP", "1636300800"),
    ],
)
def test_a_text_that_is_no_value(type_: str, text: str) -> None:
    with pytest.raises(WrongValueError):
        value_of(text, type_)


@pytest.mark.parametrize("type_", ["INT64", "NUMERIC", "FLOAT64", "BOOL", "DATE", "TIMESTAMP"])
def test_an_empty_field_is_null(type_: str) -> None:
    assert [value_of(text, type_) for text in ("", "  ", None)] == [None] * 3


@pytest.mark.parametrize(
    ("type_", "texts", "row"),
    [
        ("INT64", ["1", "2", "x", "4", "y"], 2),
        ("DATE", ["2021-11-06", None, "2021-02-30", "2021-02-31", "never"], 2),
        ("NUMERIC", ["1", "2", "1" + "0" * 30], 2),
    ],
)
def test_the_first_wrong_row_is_told(type_: str, texts: list[str | None], row: int) -> None:
    with pytest.raises(WrongValueError) as wrong:
        parsed(pa.array(texts, pa.string()), type_)
    assert wrong.value.row == row
