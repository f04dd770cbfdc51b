"""Stock bqemulator answers 404 for the results of a query that failed; BigQuery answers with the query's error.

Seen by the connector: a `query` with an error fails with "404 Not Found" for its job, instead of the message.
"""

from __future__ import annotations

from typing import Any

from bqemulator.api.routes import jobs
from bqemulator.domain.errors import InvalidQueryError

ROUTE = "/projects/{project_id}/queries/{job_id}"


def apply() -> None:
    """Serve the results by a route that looks at the job first."""
    routes = jobs.router.routes

    @jobs.router.get(ROUTE)
    def get_query_results(
        project_id: str,
        job_id: str,
        context: jobs._Ctx,
        maxResults: int = 10000,  # noqa: N803
        startIndex: int = 0,  # noqa: N803
        pageToken: str | None = None,  # noqa: N803
    ) -> Any:
        job = context.catalog.get_job(project_id, job_id)
        if job is not None and job.error_result:
            raise InvalidQueryError(job.error_result["message"])
        return jobs.get_query_results(project_id, job_id, context, maxResults, startIndex, pageToken)

    routes.insert(0, routes.pop())
