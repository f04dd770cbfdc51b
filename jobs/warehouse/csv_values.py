"""The text of CSV fields as values of a contract's types: strictly, so that no text is taken for another value.

Works on columns of text; which file and line they are of is known to the caller.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from jobs.warehouse.arrow_types import NUMERIC, TIMESTAMP, contract_type

_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
_PATTERNS = {
    # 5.0 is how pandas writes the 5 of a column with NULLs.
    "INT64": r"^[+-]?\d+(\.0*)?$",
    "NUMERIC": _NUMBER,
    "FLOAT64": _NUMBER,
    "BOOL": r"^(?i:true|false|t|f|yes|no|y|n|1|0)$",
    "DATE": r"^\d{4}-\d{2}-\d{2}([T ]00:00(:00(\.0+)?)?)?$",
    "TIMESTAMP": (
        r"^(?P<date>\d{4}-\d{2}-\d{2})"
        r"(?:[T ](?P<minute>\d{2}:\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?"
        r"(?: ?(?P<zone>Z|UTC|[+-](?:0\d|1[0-8])(?::?[0-5]\d)?))?)?$"
    ),
}
_TRUE = pa.array(["true", "t", "yes", "y", "1"])
_MICROSECONDS_A_MINUTE = 60_000_000
_EARLIEST, _LATEST = (
    pa.scalar(text).cast(pa.timestamp("us")).cast(pa.int64())
    for text in ("0001-01-01 00:00:00", "9999-12-31 23:59:59.999999")
)

FORMS = {
    "INT64": "a whole number",
    "NUMERIC": "a number with a decimal point, of at most 29 digits before it",
    "FLOAT64": "a number with a decimal point",
    "BOOL": "true or false",
    "DATE": "a date written as YYYY-MM-DD",
    "TIMESTAMP": "a date and time written as YYYY-MM-DD HH:MM:SS",
}
"""What a value of each type looks like, in words."""


class WrongValueError(Exception):
    """A value that is not of its column's type; `row` counts from the first row of the text."""

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row}")
        self.row = row


def parsed(text: pa.Array, type_: str) -> pa.Array:
    """Text as values of a type; empty text is NULL, but for STRING. WrongValueError for the first that is none.

    NUMERIC is rounded to its nine decimals, half away from zero; times are cut to microseconds.
    """
    if type_ == "STRING":
        return text
    trimmed = pc.ascii_trim_whitespace(text)
    trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    unlike = pc.invert(pc.match_substring_regex(trimmed, _PATTERNS[type_]))
    if pc.any(unlike).as_py():
        # Every text before it may still be no value: 2021-02-30 looks like a date.
        first = pc.index(unlike, True).as_py()
        _converted(trimmed.slice(0, first), _CONVERSIONS[type_])
        raise WrongValueError(first)
    return _converted(trimmed, _CONVERSIONS[type_])


def _converted(text: pa.Array, conversion: Callable[[pa.Array], pa.Array]) -> pa.Array:
    try:
        return conversion(text)
    except pa.ArrowInvalid:
        raise WrongValueError(_first_wrong(text, conversion)) from None


def _first_wrong(text: pa.Array, conversion: Callable[[pa.Array], pa.Array]) -> int:
    """The first row that `conversion` refuses, found by halves; one of them is known to be refused."""
    first, end = 0, len(text)
    while end - first > 1:
        middle = (first + end) // 2
        try:
            conversion(text.slice(first, middle - first))
        except pa.ArrowInvalid:
            end = middle
        else:
            first = middle
    return first


def _int64(text: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(text, r"^\+|\.0*$", "").cast(pa.int64())


def _numeric(text: pa.Array) -> pa.Array:
    try:
        return text.cast(NUMERIC)
    except pa.ArrowInvalid:
        exact = text.cast(pa.decimal256(76, 38))
        return pc.round(exact, ndigits=9, round_mode="half_towards_infinity").cast(NUMERIC)


def _float64(text: pa.Array) -> pa.Array:
    numbers = pc.replace_substring_regex(text, r"^\+", "").cast(pa.float64())
    if not pc.all(pc.is_finite(numbers), min_count=0).as_py():
        raise pa.ArrowInvalid("not finite")
    return numbers


def _bool(text: pa.Array) -> pa.Array:
    is_true = pc.is_in(pc.ascii_lower(text), value_set=_TRUE)
    return pc.if_else(pc.is_valid(text), is_true, pa.scalar(None, pa.bool_()))


def _date(text: pa.Array) -> pa.Array:
    days = pc.utf8_slice_codeunits(text, 0, 10)
    _check_year(days.cast(pa.timestamp("us")).cast(pa.int64()))
    return days.cast(pa.date32())


def _timestamp(text: pa.Array) -> pa.Array:
    parts = pc.extract_regex(text, _PATTERNS["TIMESTAMP"])
    minute, second, fraction, zone = (pc.struct_field(parts, name) for name in ("minute", "second", "fraction", "zone"))
    clock = pc.binary_join_element_wise(_or(minute, "00:00"), _or(second, "00"), ":")
    local = pc.binary_join_element_wise(pc.struct_field(parts, "date"), clock, " ").cast(pa.timestamp("us"))
    digits = pc.utf8_slice_codeunits(pc.utf8_rpad(fraction, 6, "0"), 0, 6).cast(pa.int64())
    micros = pc.add(local.cast(pa.int64()), digits)
    micros = pc.subtract(micros, pc.multiply(_offset_minutes(zone), _MICROSECONDS_A_MINUTE))
    _check_year(micros)
    return micros.cast(TIMESTAMP)


def _offset_minutes(zone: pa.Array) -> pa.Array:
    """How many minutes a zone is ahead of UTC."""
    signed = pc.match_substring_regex(zone, "^[+-]")
    digits = pc.utf8_rpad(pc.if_else(signed, pc.replace_substring_regex(zone, "[+:-]", ""), "0000"), 4, "0")
    hours = pc.utf8_slice_codeunits(digits, 0, 2).cast(pa.int64())
    minutes = pc.utf8_slice_codeunits(digits, 2, 4).cast(pa.int64())
    ahead = pc.add(pc.multiply(hours, 60), minutes)
    return pc.if_else(pc.starts_with(zone, "-"), pc.negate(ahead), ahead)


def _or(text: pa.Array, default: str) -> pa.Array:
    return pc.if_else(pc.equal(text, ""), default, text)


def _check_year(micros: pa.Array) -> None:
    outside = pc.or_(pc.less(micros, _EARLIEST), pc.greater(micros, _LATEST))
    if pc.any(outside).as_py():
        raise pa.ArrowInvalid("a year before 1 or after 9999")


_CONVERSIONS: dict[str, Callable[[pa.Array], pa.Array]] = {
    "INT64": _int64,
    "NUMERIC": _numeric,
    "FLOAT64": _float64,
    "BOOL": _bool,
    "DATE": _date,
    "TIMESTAMP": _timestamp,
}


def constant(text: str | None, type_: str, rows: int) -> pa.Array:
    """The same value in each of some rows. WrongValueError as for `parsed`."""
    value = parsed(pa.array([text], pa.string()), type_)
    return pa.repeat(value[0], rows).cast(contract_type(type_))
