"""The two sides of a comparison: a feature table that a person named, or a fresh compute of some dates.

Opens them; what differs is found elsewhere.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.audits.feature_tables import open_feature_table
from jobs.backfill import sources
from jobs.config.settings import Settings
from jobs.errors import ConfigurationError
from jobs.planning.plan import PlannedDate, RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.kinds import kind_of
from transforms.comparison import COMPARED_COLUMNS

COMPUTED = "computed"


@dataclass(frozen=True)
class Side:
    """One side: `name` is where it is, `left_out` the dates that it cannot have under the policies."""

    name: str
    rows: DataFrame
    left_out: Sequence[PlannedDate] = ()

    def without(self, dates: Sequence[PlannedDate]) -> DataFrame:
        """Its rows but for those of some dates."""
        if not dates:
            return self.rows
        left_out = F.col("game_date").isin(*[planned.game_date for planned in dates])
        return self.rows.where(~F.coalesce(left_out, F.lit(False)))


def check_sides(settings: Settings, left: str | None, right: str, requested: RequestedDates | None) -> None:
    """ConfigurationError for what is wrong with the sides before a table is looked at. No `left` is the store."""
    computed = [side for side in (left, right) if side == COMPUTED]
    if len(computed) > 1:
        raise ConfigurationError(f"--left and --right are both {COMPUTED}; name a table as one of them")
    if computed and requested is None:
        raise ConfigurationError(f"{COMPUTED} of which dates? give --start and --end (both included), or --dates a,b,c")
    for option, side in (("--left", left), ("--right", right)):
        if side not in (None, COMPUTED):
            kind_of(settings).check_table_name(str(side), option)


def open_side(
    warehouse: Warehouse, settings: Settings, given: str | None, option: str, requested: RequestedDates | None
) -> Side:
    """A side, none of whose rows were read yet; the store where no other was given.

    ContractError when a table is absent or not of the contract; ConfigurationError when no date can be computed.
    """
    if given == COMPUTED and requested is not None:
        return _computed(warehouse, settings, requested)
    place, table = warehouse, ML_FEATURE_STORE
    if given is not None:
        place, table = kind_of(settings).named_table(warehouse, given, like=table)
    advice = "run backfill_features first" if given is None else f"name another one as {option}"
    opened = open_feature_table(place, table, if_absent=advice)
    return Side(opened.display_name, opened.read(requested, COMPARED_COLUMNS))


def _computed(warehouse: Warehouse, settings: Settings, requested: RequestedDates) -> Side:
    opened = sources.open_sources(warehouse, requested)
    plan = sources.plan_run(warehouse, opened, settings, requested)
    dates = plan.by_action("write")
    if not dates:
        raise ConfigurationError(f"{COMPUTED}: {_nothing_computed(plan.dates, requested)}")
    now = datetime.datetime.now(datetime.timezone.utc)
    rows = sources.rows_to_write(sources.computed_rows(opened, dates, created_at=now, settings=settings))
    left_out = [planned for planned in plan.dates if planned.action != "write"]
    return Side(f"{COMPUTED} from the sources", rows.select(*COMPARED_COLUMNS), left_out)


def _nothing_computed(dates: Sequence[PlannedDate], requested: RequestedDates) -> str:
    if not dates:
        return f"context has no game date in {requested}; give other dates"
    missing = dict.fromkeys(table for planned in dates for table in planned.missing_tables)
    return f"every game date in {requested} lacks a table ({', '.join(missing)}); take --on-missing fallback"
