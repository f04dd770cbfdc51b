"""What is particular to BigQuery before a warehouse is open: its options, its tables' names, and how it is reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import SparkSession

from jobs.config.settings import Settings
from jobs.config.table_names import is_table_name, shared_places
from jobs.errors import ConfigurationError
from jobs.schemas.tables import Table
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.kind import Kind

if TYPE_CHECKING:
    from jobs.warehouse.bigquery.connection import Connection


class BigQueryKind(Kind):
    """Tables of a project, reached from anywhere by packages that only this kind needs."""

    name = "bigquery"
    credentials = ("access_token", "credentials_file")
    instead_of_import = "load files into BigQuery with `bq load`"

    def is_on_this_machine(self, settings: Settings) -> bool:
        """No project is."""
        return False

    def options(self, settings: Settings) -> Sequence[str]:
        """Names the project only where the settings do; else it is that of the credentials."""
        project = settings.bigquery.project
        return ["--warehouse", self.name, *(["--project", project] if project else [])]

    def open(self, settings: Settings, session: Callable[[], SparkSession]) -> Warehouse:
        """Reaches BigQuery before Spark starts."""
        connection = open_connection(settings)
        from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse

        return BigQueryWarehouse(session, connection, settings.tables)

    def check_table_name(self, given: str, option: str) -> None:
        """Takes names with and without a project."""
        if not is_table_name(self.name, given):
            raise ConfigurationError(f"{option} {given!r} names no table; give dataset.table or project.dataset.table")

    def named_table(self, warehouse: Warehouse, given: str, like: Table) -> tuple[Warehouse, Table]:
        """Looks for a name without a project in the warehouse's own."""
        from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse

        assert isinstance(warehouse, BigQueryWarehouse)
        *project, dataset, name = given.rsplit(".", 2)
        # The configuration knows tables by their name, and none with a point in it.
        return warehouse, replace(like, dataset=project[0] if project else warehouse.project, name=f"{dataset}.{name}")


def open_connection(settings: Settings) -> Connection:
    """BigQuery, after a check of endpoints, credentials and datasets. ConfigurationError when one is not usable."""
    try:
        from jobs.warehouse.bigquery.connection import Connection, datasets_of
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("google"):
            raise
        raise ConfigurationError(
            f"--warehouse bigquery needs Python packages that are not installed ({error.name} is missing); "
            "install them: ./spark-submit.sh install bigquery"
        ) from None
    connection = Connection(settings.bigquery)
    if shared := shared_places(settings.tables, connection.project):
        raise ConfigurationError("\n".join(shared))
    connection.check(datasets_of(connection.project, settings.tables))
    return connection
