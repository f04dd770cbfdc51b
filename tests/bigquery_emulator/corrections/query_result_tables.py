"""Stock bqemulator names a table that holds a query's result, and does not have it.

Seen by the connector: the `query` option, and every `count()`, read that table (`_bqemu_anonymous.anon<job>`)
by REST or the Storage Read API, and fail with "not found".
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from bqemulator.api.routes import tables
from bqemulator.catalog.memory_repository import MemoryCatalogRepository
from bqemulator.catalog.models import TableMeta, TableSchema
from bqemulator.grpc_api.read_servicer import BigQueryReadHandler
from bqemulator.jobs.executor import JOB_RESULTS, JOB_SCHEMAS
from bqemulator.storage.sql_identifiers import quoted_schema, quoted_table_ref

from tests.bigquery_emulator.corrections.wrapping import around

DATASET = "_bqemu_anonymous"
RESULT = re.compile(rb"projects/([^/]+)/datasets/_bqemu_anonymous/tables/(anon\w+)")
REGISTERED = "__query_result"


def apply() -> None:
    """Store a query's result as a table when somebody asks for it."""

    @around(MemoryCatalogRepository, "get_table")
    def get_table(stock: Any, catalog: Any, project: str, dataset: str, name: str) -> Any:
        table = stock(catalog, project, dataset, name)
        if table is None and dataset == DATASET:
            table = _store_result(catalog._engine, project, name)
        return table

    @around(BigQueryReadHandler, "_handle_create_read_session")
    def create_read_session(stock: Any, handler: Any, request: bytes, context: Any) -> bytes:
        if result := RESULT.search(request):
            handler._ctx.catalog.get_table(result[1].decode(), DATASET, result[2].decode())
        session: bytes = stock(handler, request, context)
        return session


def _store_result(engine: Any, project: str, name: str) -> TableMeta | None:
    job = next((job for job in JOB_RESULTS if f"anon{job.replace('-', '')}" == name), None)
    if job is None:
        return None
    rows = JOB_RESULTS[job]
    engine.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted_schema(project, DATASET)}")
    engine.connection.register(REGISTERED, rows)
    stored = quoted_table_ref(project, DATASET, name)
    engine.connection.execute(f"CREATE TABLE IF NOT EXISTS {stored} AS SELECT * FROM {REGISTERED}")
    engine.connection.unregister(REGISTERED)
    now = datetime.datetime.now(datetime.timezone.utc)
    return TableMeta(
        project_id=project,
        dataset_id=DATASET,
        table_id=name,
        schema=TableSchema(fields=tables._parse_schema_fields(JOB_SCHEMAS.get(job) or [])),
        creation_time=now,
        last_modified_time=now,
        num_rows=rows.num_rows,
        etag=name,
    )
