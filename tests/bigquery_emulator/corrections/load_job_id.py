"""Stock bqemulator gives every upload a job id of its own; BigQuery takes the client's, and answers 409 for one taken.

Seen: an upload that is sent again under its job id, since nobody heard the answer, is loaded twice.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from bqemulator.api.routes import upload
from bqemulator.domain.errors import ResourceRef, resource_already_exists

from tests.bigquery_emulator.corrections.wrapping import around

_asked: ContextVar[str | None] = ContextVar("asked", default=None)


def apply() -> None:
    """Take the id of the upload's envelope, once."""

    @around(upload, "_load_configuration_from_envelope")
    def load_configuration_from_envelope(stock: Any, envelope: dict[str, Any]) -> Any:
        _asked.set((envelope.get("jobReference") or {}).get("jobId"))
        return stock(envelope)

    @around(upload, "_new_job_id")
    def new_job_id(stock: Any) -> str:
        return _asked.get() or str(stock())

    @around(upload, "_run_load")
    async def run_load(stock: Any, *, project_id: str, ctx: Any, **named: Any) -> Any:
        job = _asked.get()
        if job is not None and ctx.catalog.get_job(project_id, job):
            raise resource_already_exists(ResourceRef("job", project_id, resource_id=job))
        return await stock(project_id=project_id, ctx=ctx, **named)
