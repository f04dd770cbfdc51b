"""Stock bqemulator runs a second job under an id that is taken; BigQuery answers 409.

Seen: a statement that is sent again under its own job id, which must not happen twice, happens twice.
"""

from __future__ import annotations

from typing import Any

from bqemulator.api.routes import jobs
from bqemulator.domain.errors import ResourceRef, resource_already_exists

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Refuse the id of a job that was run, whether it succeeded or not; a dry run takes no id."""

    @around(jobs, "_handle_query_job")
    async def handle_query_job(
        stock: Any, project: str, job: str, config: Any, *, dry_run: bool, ctx: Any, **named: Any
    ) -> Any:
        if not dry_run and ctx.catalog.get_job(project, job):
            raise resource_already_exists(ResourceRef("job", project, resource_id=job))
        return await stock(project, job, config, dry_run=dry_run, ctx=ctx, **named)
