"""A table as wide as the terminal: what a person needs stays whole, the rest is folded or left out, widest first.

Knows no report: each says of its columns what may become of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.box import SIMPLE
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

Room = Literal["whole", "folds", "spare"]
"""Of a column: its words stay on one line, or go on several lines, or the column may be left out."""

_NARROWEST = 8


@dataclass(frozen=True)
class _Column:
    heading: str
    room: Room
    right: bool
    group: int


class FittedTable:
    """Columns and rows of plain text. Where not even the whole columns have room, each row is a list of its cells."""

    def __init__(self, title: str = "") -> None:
        self._title = title
        self._columns: list[_Column] = []
        self._rows: list[Sequence[str]] = []
        self._sections: set[int] = set()

    def add_columns(self, *headings: str, room: Room = "whole", right: bool = False) -> None:
        """Columns of one kind, which are left out together; `right` sets them flush right, as numbers are."""
        group = len(self._columns)
        self._columns += [_Column(heading, room, right, group) for heading in headings]

    def add_row(self, *cells: str) -> None:
        """A cell per column; it may have several lines."""
        self._rows.append(cells)

    def add_section(self) -> None:
        """A line between the rows before and those after."""
        self._sections.add(len(self._rows))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As rich asks for it."""
        if self._title:
            yield Text(self._title, style="italic")
        shown = list(range(len(self._columns)))
        natural = [max(map(_width, [column.heading, *cells])) for column, cells in self._with_cells()]
        while (widths := self._folded(shown, natural, options.max_width)) is None:
            spare: dict[int, int] = {}
            for number in shown:
                if self._columns[number].room == "spare":
                    group = self._columns[number].group
                    spare[group] = spare.get(group, 0) + natural[number]
            if not spare:
                yield from self._as_lists()
                return
            widest = max(spare, key=lambda group: spare[group])
            shown = [number for number in shown if self._columns[number].group != widest]
        yield self._as_table(shown, widths)
        if left_out := [_flat(column.heading) for number, column in enumerate(self._columns) if number not in shown]:
            yield Text(f"left out, as the terminal is narrow: {', '.join(left_out)}", style="dim")

    def _with_cells(self) -> list[tuple[_Column, list[str]]]:
        return [(column, [row[number] for row in self._rows]) for number, column in enumerate(self._columns)]

    def _folded(self, shown: Sequence[int], natural: Sequence[int], room: int) -> dict[int, int] | None:
        """The width of each shown column, the widest that may fold folded most; None when that is not enough."""
        widths = {number: natural[number] for number in shown}
        # Two spaces between columns, and one at either edge.
        excess = sum(widths.values()) + 2 * len(shown) - room
        for number in sorted(shown, key=lambda number: -natural[number]):
            if excess > 0 and self._columns[number].room == "folds":
                cells = [self._columns[number].heading, *(row[number] for row in self._rows)]
                narrowest = max(_NARROWEST, *(cell_len(word) for cell in cells for word in cell.split()), 0)
                saved = min(excess, max(0, widths[number] - narrowest))
                widths[number] -= saved
                excess -= saved
        return widths if excess <= 0 else None

    def _as_table(self, shown: Sequence[int], widths: dict[int, int]) -> Table:
        table = Table(box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
        for number in shown:
            column = self._columns[number]
            justify: Literal["left", "right"] = "right" if column.right else "left"
            table.add_column(Text(column.heading), justify=justify, width=widths[number], overflow="fold")
        for place, row in enumerate(self._rows):
            if place in self._sections:
                table.add_section()
            table.add_row(*[Text(row[number]) for number in shown])
        return table

    def _as_lists(self) -> RenderResult:
        for row in self._rows:
            lines: list[str] = []
            for column, cell in zip(self._columns, row, strict=True):
                if not column.heading and lines:
                    lines[-1] += f" {cell}".rstrip()
                elif cell:
                    lines.append(f"{_flat(column.heading)}: {_flat(cell)}")
            yield Text("\n".join(lines) + "\n")


def _width(cell: str) -> int:
    return max((cell_len(line) for line in cell.splitlines()), default=0)


def _flat(text: str) -> str:
    return " ".join(text.split())
