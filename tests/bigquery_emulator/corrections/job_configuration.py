"""Stock bqemulator forgets how a query job was configured once it has answered the request that started it.

Seen: `labels`, and all but the statement and its destination, are missing from a job that is looked up later.
"""

from __future__ import annotations

from typing import Any

from bqemulator.api.routes import jobs

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Keep the configuration that was sent, with what the emulator adds to it."""

    @around(jobs, "_handle_query_job")
    async def handle_query_job(stock: Any, project: str, job: str, config: Any, **named: Any) -> Any:
        answer = await stock(project, job, config, **named)
        if isinstance(answer, dict):
            return answer
        jobs._merge_executor_config(config, answer.configuration)
        return answer.model_copy(update={"configuration": config})
