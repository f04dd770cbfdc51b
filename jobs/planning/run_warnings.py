"""Which warnings a run's rows deserve: features that never change, jumps of defaults, values out of range.

Decides on counts by date, from `statements.feature_counts_statement`; a warning stops nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jobs.planning.distances import CONSTANT_ROWS, Distance

CONSTANT_DATES = 5
LARGEST_JUMP = 0.2
_EXACT_DECIMALS = 9
_MOST_DATES = 40

Kind = Literal["constant_feature", "default_jump", "out_of_range", "played_without_context", "drift"]


@dataclass(frozen=True)
class RunWarning:
    """One finding: of which feature, column or table, in words and in numbers."""

    kind: Kind
    name: str
    text: str
    values: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Everything under stable names."""
        return {"kind": self.kind, "name": self.name, "text": self.text, **self.values}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> RunWarning:
        """The warning of `as_json`."""
        values = {name: value for name, value in content.items() if name not in ("kind", "name", "text")}
        return cls(content["kind"], content["name"], content["text"], values)


@dataclass(frozen=True)
class FeatureCounts:
    """The features of one date's `rows` with features: of each the lowest and highest value, and how many defaults.

    `defaults` is None where nobody knows the sources.
    """

    game_date: datetime.date
    rows: int
    lowest: Sequence[float | None]
    highest: Sequence[float | None]
    defaults: Sequence[int] | None

    @classmethod
    def from_row(cls, row: Mapping[str, Any], features: int) -> FeatureCounts:
        """A row of `statements.feature_counts_statement`."""
        lowest, highest = ([row[f"{name}_{index}"] for index in range(features)] for name in ("lowest", "highest"))
        defaults = [row[f"defaults_{index}"] for index in range(features)] if "defaults_0" in row else None
        return cls(row["game_date"], row["valued"], lowest, highest, defaults)


def constant_features(
    counts: Sequence[FeatureCounts], names: Sequence[str], may_be_constant: Collection[str]
) -> list[RunWarning]:
    """The features that have one value in 500 or more rows of 5 or more dates, but for those that may."""
    valued = [of_date for of_date in counts if of_date.rows]
    rows = sum(of_date.rows for of_date in valued)
    if rows < CONSTANT_ROWS or len(valued) < CONSTANT_DATES:
        return []
    warnings = []
    for index, name in enumerate(names):
        values = {end[index] for of_date in valued for end in (of_date.lowest, of_date.highest)}
        if len(values) == 1 and name not in may_be_constant:
            (value,) = values
            warnings.append(
                RunWarning(
                    "constant_feature",
                    name,
                    f"{name} is {value:g} in all {rows:,} rows of {len(valued):,} dates; look at where it comes from",
                    {"value": value, "rows": rows, "dates": len(valued)},
                )
            )
    return warnings


def default_jumps(counts: Sequence[FeatureCounts], names: Sequence[str]) -> list[RunWarning]:
    """The features whose share of defaults on a date is more than 0.2 above that of all dates before it."""
    dates = sorted((of_date for of_date in counts if of_date.rows), key=lambda of_date: of_date.game_date)
    warnings = []
    for index, name in enumerate(names):
        jumps = []
        rows, defaults = 0, 0
        for of_date in dates:
            if of_date.defaults is None:
                continue
            share = of_date.defaults[index] / of_date.rows
            if rows and round(share - defaults / rows, _EXACT_DECIMALS) > LARGEST_JUMP:
                jumps.append((share - defaults / rows, of_date.game_date, share, defaults / rows))
            rows, defaults = rows + of_date.rows, defaults + of_date.defaults[index]
        if jumps:
            _, game_date, share, before = max(jumps, key=lambda jump: (jump[0], -jump[1].toordinal()))
            more = f" (and so on {len(jumps) - 1} other dates)" if len(jumps) > 1 else ""
            values = {
                "game_date": str(game_date),
                "share_default": round(share, 4),
                "share_default_before": round(before, 4),
                "dates": len(jumps),
            }
            warnings.append(
                RunWarning(
                    "default_jump",
                    name,
                    f"{name}: {share:.1%} of its values on {game_date} are defaults, {before:.1%} on the dates "
                    f"before{more}",
                    values,
                )
            )
    return warnings


def values_out_of_range(rows: Mapping[str, int]) -> list[RunWarning]:
    """The pre-computed columns, as table.column, with values out of range: in how many rows they were not used."""
    return [
        RunWarning(
            "out_of_range",
            column,
            f"{column}: in {number:,} rows its value was out of range and not used",
            {"rows": number},
        )
        for column, number in sorted(rows.items())
        if number
    ]


def played_without_context(players: Mapping[datetime.date, int]) -> list[RunWarning]:
    """The players who played and have no row, by date."""
    if not players:
        return []
    by_date = ", ".join(f"{day} {players[day]:,}" for day in sorted(players)[:_MOST_DATES])
    more = f", and {len(players) - _MOST_DATES} more dates" if len(players) > _MOST_DATES else ""
    return [
        RunWarning(
            "played_without_context",
            "upcoming_player_game_context",
            f"{sum(players.values()):,} players played on {len(players)} dates and have neither a context row nor a "
            f"row here: {by_date}{more}",
            {"players": sum(players.values()), "by_date": {str(day): players[day] for day in sorted(players)}},
        )
    ]


def drifting_features(distances: Iterable[Distance], baseline: object) -> list[RunWarning]:
    """The features that are too far from those of the baseline's dates, the furthest first."""
    return [
        RunWarning(
            "drift",
            far.feature,
            f"{far.feature} drifts from {baseline}: population stability index {far.index:.2f}",
            {"distance": round(far.index, 4), "values": far.values},
        )
        for far in sorted(distances, key=lambda far: -far.index)
        if far.drifts
    ]
