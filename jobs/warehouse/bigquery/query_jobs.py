"""Statements and loads as BigQuery jobs: labels, limits of cost and time, another try where one is worth it.

Statements that change a table run one after the other: a table never has more than one of ours at a time, and BigQuery
runs two at once before it queues them.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as LateAnswer
from functools import partial
from typing import Any, TypeVar

from google.api_core.exceptions import Conflict, GoogleAPICallError
from google.cloud import bigquery
from google.cloud.bigquery import LoadJob, LoadJobConfig, QueryJob, QueryJobConfig, SchemaField

from jobs.errors import JobError
from jobs.warehouse.bigquery.connection import Connection
from jobs.warehouse.bigquery.errors import failed_job, worth_another_try

ATTEMPTS = 6
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0

Answer = TypeVar("Answer")
Sleep = Callable[[float], None]


class Jobs:
    """Runs statements and loads; `sleep` is the pause between two tries."""

    def __init__(self, connection: Connection, sleep: Sleep = time.sleep) -> None:
        self._connection = connection
        self._client = connection.client
        self._options = connection.options
        self._sleep = sleep

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a SELECT."""
        with failed_job("a query", self._connection.described):
            return self._with_more_tries(lambda: self._selected(statement))

    def columns(self, statement: str) -> list[SchemaField]:
        """The columns of a SELECT."""
        with failed_job("a query", self._connection.described):
            job = self._client.query(statement, job_config=self._config({}), job_retry=None, **self._where)
            return list(job.result(timeout=self._options.statement_timeout_seconds, job_retry=None).schema)

    def change(self, statement: str, job_id: str, labels: Mapping[str, str]) -> QueryJob:
        """Runs a statement that changes a table exactly once, however often it is asked for; returns its job.

        Every try has the job id and its number. A number that is taken belongs to an earlier try for the same
        work, perhaps of a process that was killed: when that one succeeded or is under way, its result is taken; a
        failed statement has changed nothing, and the next number follows.
        """
        with failed_job(f"job {job_id}", self._connection.described):
            for attempt in range(1, ATTEMPTS + 1):
                job, ours = self._started(statement, f"{job_id}-{attempt}", labels)
                try:
                    job.result(timeout=self._options.statement_timeout_seconds, retry=self._connection.limits["retry"])
                    return job
                except GoogleAPICallError as error:
                    if ours and (attempt == ATTEMPTS or not worth_another_try(error)):
                        raise
                    if ours:
                        self._pause(attempt)
                except LateAnswer:
                    self._client.cancel_job(job.job_id, **self._where)
                    raise JobError(
                        f"job {job.job_id} took longer than {self._options.statement_timeout_seconds} s "
                        "(bigquery.statement_timeout_seconds) and was cancelled"
                    ) from None
        raise JobError(f"job {job_id} failed {ATTEMPTS} times; the jobs {job_id}-1 and following say why")

    def load(self, rows: Sequence[dict[str, Any]], name: str, schema: Sequence[SchemaField]) -> None:
        """Appends rows to a table that exists, by one load job; once, whether or not an answer is lost.

        A job id is used once, so an upload that nobody answered is sent again under its own. Another one is taken when
        BigQuery says that a job has failed, which has loaded nothing.
        """
        job_id = f"feature_store-load-{uuid.uuid4().hex}"
        with failed_job(f"loading rows into {name}", self._connection.described):
            for attempt in range(1, ATTEMPTS + 1):
                job = self._with_more_tries(partial(self._loading, rows, name, schema, f"{job_id}-{attempt}"))
                try:
                    job.result(timeout=self._options.statement_timeout_seconds)
                    return
                except GoogleAPICallError as error:
                    if attempt == ATTEMPTS or job.error_result is None or not worth_another_try(error):
                        raise
                    self._pause(attempt)

    def estimated_bytes(self, statement: str) -> int:
        """BigQuery's own estimate of the bytes that a SELECT would process."""
        config = QueryJobConfig(dry_run=True, use_query_cache=False)
        job = self._client.query(statement, job_config=config, **self._where)
        return int(job.total_bytes_processed or 0)

    @property
    def _where(self) -> dict[str, Any]:
        return {"location": self._connection.location, **self._connection.limits}

    def _selected(self, statement: str) -> list[dict[str, Any]]:
        job = self._client.query(statement, job_config=self._config({}), job_retry=None, **self._where)
        found = job.result(timeout=self._options.statement_timeout_seconds, job_retry=None)
        return [dict(row.items()) for row in found]

    def _loading(
        self, rows: Sequence[dict[str, Any]], name: str, schema: Sequence[SchemaField], job_id: str
    ) -> LoadJob:
        """The load job of this id, started here or by an upload whose answer was lost."""
        config = LoadJobConfig(
            schema=schema,
            write_disposition="WRITE_APPEND",
            create_disposition="CREATE_NEVER",
            labels=self._options.labels,
        )
        seconds, location = self._options.read_timeout_seconds, self._connection.location
        try:
            return self._client.load_table_from_json(
                rows, name, job_id=job_id, job_config=config, location=location, timeout=seconds
            )
        except Conflict:
            found = self._client.get_job(job_id, **self._where)
            assert isinstance(found, LoadJob)
            return found

    def _started(self, statement: str, job_id: str, labels: Mapping[str, str]) -> tuple[QueryJob, bool]:
        """The job, and whether it is ours: an id that is taken belongs to somebody before us."""
        try:
            started = self._client.query(
                statement, job_id=job_id, job_config=self._config(labels), job_retry=None, **self._where
            )
            return started, True
        except Conflict:
            found = self._client.get_job(job_id, **self._where)
            assert isinstance(found, bigquery.QueryJob)
            return found, False

    def _config(self, labels: Mapping[str, str]) -> QueryJobConfig:
        config = QueryJobConfig(labels={**self._options.labels, **labels}, use_query_cache=False)
        if self._options.maximum_bytes_billed is not None:
            config.maximum_bytes_billed = self._options.maximum_bytes_billed
        return config

    def _with_more_tries(self, action: Callable[[], Answer]) -> Answer:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return action()
            except GoogleAPICallError as error:
                if attempt == ATTEMPTS or not worth_another_try(error):
                    raise
                self._pause(attempt)
        raise AssertionError("the last try returns or raises")

    def _pause(self, attempt: int) -> None:
        """Twice as long each time, and never quite the same for two runs that stand in each other's way."""
        self._sleep(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0))
