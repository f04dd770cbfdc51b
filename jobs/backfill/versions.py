"""Rows of another feature_version in the target: a run writes over them only when it is told to.

Counts them; what is computed and written is decided elsewhere.
"""

from __future__ import annotations

from jobs.config.settings import Settings
from jobs.errors import ContractError
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.counting_statements import other_versions_statement
from jobs.warehouse.interface import Warehouse
from transforms.catalogue import FEATURE_VERSION


def check_versions(warehouse: Warehouse, settings: Settings, requested: RequestedDates) -> None:
    """ContractError, with number and version, when the target has rows of another version on the requested dates.

    Nothing is asked with `replace_versions`, or of a target that does not exist.
    """
    table = ML_FEATURE_STORE
    if warehouse.checked_target(table) is None or settings.replace_versions:
        return
    rows = warehouse.ask(
        lambda dialect: other_versions_statement(
            dialect,
            table,
            target=warehouse.sql_name(table),
            between=(requested.start, requested.end),
            listed=requested.listed,
            version=FEATURE_VERSION,
        )
    )
    found = sorted(rows, key=lambda row: str(row["feature_version"]))
    if found:
        versions = ", ".join(
            f"{row['held']:,} rows of {row['feature_version']} ({row['first_date']} to {row['last_date']})"
            for row in found
        )
        raise ContractError(
            f"table {warehouse.display_name(table)}: column feature_version: on the requested dates it holds "
            f"{versions}, not of {FEATURE_VERSION}; choose other dates or another target, or give "
            "--replace-versions to write over those rows"
        )
