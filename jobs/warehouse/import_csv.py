"""One CSV file of a source table: its form checked line by line, its columns by name in the contract's types.

RFC 4180, with commas: anything else is one error that names file and line. Only a block of the file is in memory.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.csv

from jobs.errors import ConfigurationError, ContractError
from jobs.object_stores.folders import Folder
from jobs.schemas.tables import Column
from jobs.warehouse.arrow_types import contract_type
from jobs.warehouse.csv_values import FORMS, WrongValueError, parsed

# A field of this length is a quote that nobody closed.
_LONGEST_FIELD = 1 << 20
_BLOCK_BYTES = 16 << 20
_SHOWN = 80
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def checked_encoding(name: str) -> str:
    """An encoding by its usual name; ConfigurationError for one that Python does not know."""
    try:
        usual = codecs.lookup(name).name
        "".encode(usual)
    except (LookupError, ValueError):
        raise ConfigurationError(f"--encoding {name}: unknown encoding; take for example utf-8 or latin-1") from None
    return "utf-8" if usual == "utf-8-sig" else usual


@dataclass(frozen=True)
class CsvFile:
    """A file whose form is sound: every line has a field for each name of the header."""

    path: Folder
    encoding: str
    header: tuple[str, ...]
    records: int
    contract: Mapping[str, Column]

    @property
    def columns(self) -> list[tuple[str, pa.DataType]]:
        """The names and types of its columns: those of the contract, STRING without one."""
        return [(name, contract_type(self._type(name))) for name in self.header]

    def batches(self) -> Iterator[list[pa.Array]]:
        """The columns, in the header's order, some rows at a time. ContractError for a value of another type."""
        if not self.records:
            return
        before = 0
        for batch in _text_batches(self.path, self.encoding, len(self.header)):
            yield [self._parsed(index, text, before) for index, text in enumerate(batch.columns)]
            before += batch.num_rows
        if before != self.records:
            raise ContractError(
                f"table {self.path}: {self.records:,} lines by one reader are {before:,} rows by another; "
                "write the file again, with each field in quotes"
            )

    def _type(self, name: str) -> str:
        return self.contract[name].type if name in self.contract else "STRING"

    def _parsed(self, index: int, text: pa.Array, before: int) -> pa.Array:
        type_ = self._type(self.header[index])
        try:
            return parsed(text, type_)
        except WrongValueError as wrong:
            line = _line_of_record(self.path, self.encoding, before + wrong.row)
            raise ContractError(
                f"table {self.path}, line {line}: column {self.header[index]} has the value "
                f"{_shown(text[wrong.row].as_py())}, which is not {type_} ({FORMS[type_]}); correct it"
            ) from None


def open_csv(path: Folder, encoding: str, contract: Mapping[str, Column], required: Sequence[str]) -> CsvFile:
    """Reads a file through once; `required` are the columns of its contract that must be there.

    ContractError for text that is not of the encoding, and for a line of another form.
    """
    try:
        with _records(path, encoding) as records:
            first = next(records, None)
            if first is None:
                raise ContractError(f"table {path}: the file is empty; its first line must name the columns")
            header = _checked_header(path, first[1], contract, required)
            count = 0
            for line, record in records:
                if len(record) != len(header):
                    raise ContractError(_other_length(path, line, record, header))
                count += 1
    except UnicodeError:
        raise ContractError(_undecodable(path, encoding)) from None
    except (OSError, EOFError, zlib.error) as error:
        raise ContractError(f"table {path}: it cannot be read ({error}); write it again") from None
    return CsvFile(path, encoding, header, count, contract)


def _checked_header(
    path: Folder, names: list[str], contract: Mapping[str, Column], required: Sequence[str]
) -> tuple[str, ...]:
    if len(names) == 1:
        for separator, in_words in _SEPARATORS.items():
            if separator in names[0]:
                raise ContractError(
                    f"table {path}, line 1: one column, {_shown(names[0])}; its fields seem to be separated by "
                    f"{in_words}: write them with commas"
                )
    if not set(names) & set(contract):
        raise ContractError(
            f"table {path}, line 1: {_shown(','.join(names))} names no column of the table: column "
            f"{required[0]} is missing; begin each file with a line of column names"
        )
    twice = sorted({name for name in names if name in contract and names.count(name) > 1})
    if twice:
        raise ContractError(f"table {path}, line 1: column {twice[0]} is there twice; leave one of them out")
    for name in required:
        near = [found for found in names if found not in contract and found.strip().lower() == name]
        if name not in names and near:
            raise ContractError(f"table {path}, line 1: column {_shown(near[0])} is to be called {name}; rename it")
    return tuple(names)


def _other_length(path: Folder, line: int, record: list[str], header: tuple[str, ...]) -> str:
    about = (
        f"column {header[len(record)]} has no value; the file may have been cut off"
        if len(record) < len(header)
        else f"{_shown(record[len(header)])} has no column; put a field with a comma in quotes"
    )
    return (
        f"table {path}, line {line}: {len(record)} fields where the header has {len(header)} "
        f"({_shown(','.join(record))}): {about}"
    )


@contextmanager
def _records(path: Folder, encoding: str) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """The records of a file, each with the line that it begins at; lines without a character are none."""
    with _decompressed(path) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")
        yield _numbered(path, text)


def _numbered(path: Folder, text: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(_without_nul(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ContractError(f"table {path}, line {line}: {_in_words(str(error))}") from None
        if record:
            yield line, record


def _without_nul(text: io.TextIOWrapper) -> Iterator[str]:
    for line in text:
        if "\0" in line:
            raise csv.Error("NUL")
        yield line


def _in_words(error: str) -> str:
    if "expected after" in error:
        return "a quote in a quoted field is not doubled, or text follows the closing quote; write a quote as two"
    if "unexpected end" in error:
        return "a quoted field is not closed before the file ends; close it, or write a quote in it as two"
    if "field limit" in error:
        return f"a field has more than {_LONGEST_FIELD:,} characters; is there a quote that is not closed?"
    if "NUL" in error:
        return "a NUL character; write the file as text, in UTF-8 or with its --encoding (utf-16, say)"
    return f"{error}; write the file as RFC 4180 has it"


def _line_of_record(path: Folder, encoding: str, index: int) -> int:
    """The line at which a record begins; the first after the header has the index 0."""
    with _records(path, encoding) as records:
        return next(itertools.islice(records, index + 1, None))[0]


def _undecodable(path: Folder, encoding: str) -> str:
    """Names the first line, and the field in it, that is not text of the encoding."""
    advice = f"is not {encoding}; name the file's encoding with --encoding (latin-1, say)"
    header: list[str] = []
    with _decompressed(path) as raw:
        for number, line in enumerate(raw, 1):
            # Every byte is a character of Latin-1, and the same byte again.
            fields = next(csv.reader([line.decode("latin-1")]), [])
            header = header or fields
            for index, field in enumerate(fields):
                if not _is_text(content := field.encode("latin-1"), encoding):
                    column = f"column {header[index]}" if index < len(header) and number > 1 else "the line"
                    shown = content[:_SHOWN]
                    return f"table {path}, line {number}: {column} has the bytes {shown!r}, which {advice}"
    return f"table {path}: its text {advice}"


def _is_text(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _text_batches(path: Folder, encoding: str, width: int) -> Iterator[pa.RecordBatch]:
    """A file's records as text; an empty field is NULL unless it stands in quotes."""
    names = [f"column_{index}" for index in range(width)]
    with _decompressed(path) as raw:
        try:
            reader = pa.csv.open_csv(
                raw,
                read_options=pa.csv.ReadOptions(
                    column_names=names,
                    skip_rows_after_names=1,
                    block_size=_BLOCK_BYTES,
                    encoding="utf8" if encoding == "utf-8" else encoding,
                    use_threads=False,
                ),
                parse_options=pa.csv.ParseOptions(newlines_in_values=True),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=True,
                    null_values=[""],
                    quoted_strings_can_be_null=False,
                ),
            )
            yield from reader
        except pa.ArrowInvalid as error:
            raise ContractError(f"table {path}: {error}; write the file as RFC 4180 has it") from None


def _decompressed(path: Folder) -> BinaryIO:
    if path.name.lower().endswith(".gz"):
        return cast(BinaryIO, gzip.open(path.open("rb")))
    return cast(BinaryIO, path.open("rb"))


def _shown(value: str) -> str:
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")
