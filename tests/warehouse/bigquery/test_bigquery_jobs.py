"""What the emulator does not do: rate limits, concurrent updates, limits of bytes and time, jobs of an earlier try."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import TimeoutError as LateAnswer
from types import SimpleNamespace
from typing import Any

import pytest
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    GoogleAPICallError,
    InternalServerError,
    ServiceUnavailable,
    TooManyRequests,
)
from google.auth.exceptions import RefreshError
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY

from jobs.config.settings import BigQuery
from jobs.errors import ExitCode, JobError
from jobs.warehouse.bigquery.errors import explained, failed_job, worth_another_try, wrong_input
from jobs.warehouse.bigquery.query_jobs import ATTEMPTS, Jobs

RATE_LIMIT = Forbidden("Exceeded rate limits: too many jobs", errors=[{"reason": "rateLimitExceeded"}])
CONCURRENT = BadRequest(
    "Could not serialize access to table p:d.t due to concurrent update", errors=[{"reason": "invalidQuery"}]
)
ABORTED = BadRequest("Transaction is aborted due to concurrent update against table p:d.t")
QUEUE_FULL = BadRequest(
    "Resources exceeded during query execution: Too many DML statements outstanding against table p:d.t, limit is 20."
)
WRONG = BadRequest("Unrecognized name: points", errors=[{"reason": "invalidQuery"}])
NO_PERMISSION = Forbidden("Access Denied: Table p:d.t", errors=[{"reason": "accessDenied"}])
QUOTA = Forbidden("Quota exceeded: bytes scanned a day", errors=[{"reason": "quotaExceeded"}])
TOO_DEAR = BadRequest("Query exceeded limit for bytes billed: 10", errors=[{"reason": "bytesBilledLimitExceeded"}])


class Job(bigquery.QueryJob):
    """A job that was answered for: it ends with an error, or without."""

    def __init__(self, job_id: str, error: Exception | None = None) -> None:
        self.ended_with = error
        self._properties: dict[str, Any] = {"jobReference": {"jobId": job_id}}

    def result(self, *_: Any, **__: Any) -> Any:
        if self.ended_with is not None:
            raise self.ended_with
        return []


class Client:
    """BigQuery as a list of errors, one a statement that is sent, and jobs that were there before."""

    def __init__(self, errors: Sequence[Exception | None], before: Sequence[Job] = ()) -> None:
        self.errors = list(errors)
        self.jobs = {job.job_id: job for job in before}
        self.sent: list[tuple[str, str, bigquery.QueryJobConfig]] = []
        self.cancelled: list[str] = []

    def query(self, statement: str, *, job_config: Any, job_id: str = "", **_: Any) -> Job:
        if job_id in self.jobs:
            raise Conflict(f"Already Exists: Job {job_id}")
        self.sent.append((statement, job_id, job_config))
        job = Job(job_id, self.errors.pop(0) if self.errors else None)
        if job_id:
            self.jobs[job_id] = job
        return job

    def get_job(self, job_id: str, **_: Any) -> Job:
        return self.jobs[job_id]

    def cancel_job(self, job_id: str, **_: Any) -> None:
        self.cancelled.append(job_id)


def jobs(client: Client, pauses: list[float], **section: Any) -> Jobs:
    limits = {"retry": DEFAULT_RETRY, "timeout": 1}
    options = BigQuery.model_validate(section)
    connection: Any = SimpleNamespace(
        client=client, options=options, limits=limits, location="EU", described="the token"
    )
    return Jobs(connection, pauses.append)


@pytest.mark.parametrize("error", [RATE_LIMIT, CONCURRENT, ABORTED, QUEUE_FULL], ids=lambda error: str(error)[4:20])
def test_a_statement_is_tried_again_later(error: Exception) -> None:
    client, pauses = Client([error, error, None]), []  # type: tuple[Client, list[float]]
    job = jobs(client, pauses).change("MERGE", "run-slice1", {})
    assert [job_id for _, job_id, _ in client.sent] == ["run-slice1-1", "run-slice1-2", "run-slice1-3"]
    assert job.job_id == "run-slice1-3"
    first, second = pauses
    assert 1 <= first <= 2 <= second <= 4


@pytest.mark.parametrize("error", [WRONG, NO_PERMISSION, QUOTA, TOO_DEAR], ids=lambda error: str(error)[4:20])
def test_an_error_that_stays_is_reported_at_once(error: GoogleAPICallError) -> None:
    client, pauses = Client([error]), []  # type: tuple[Client, list[float]]
    with pytest.raises(JobError, match=str(error.message)[:30]) as raised:
        jobs(client, pauses).change("MERGE", "run-slice1", {})
    assert raised.value.exit_code == ExitCode.UNEXPECTED
    assert (len(client.sent), pauses) == (1, [])


def test_tries_come_to_an_end() -> None:
    client, pauses = Client([CONCURRENT] * ATTEMPTS), []  # type: tuple[Client, list[float]]
    with pytest.raises(JobError, match="concurrent update"):
        jobs(client, pauses).change("MERGE", "run-slice1", {})
    assert len(client.sent) == ATTEMPTS
    assert sum(pauses) < 130


def test_the_result_of_an_earlier_try_is_taken() -> None:
    client = Client([], before=[Job("run-slice1-1")])
    assert jobs(client, []).change("MERGE", "run-slice1", {}).job_id == "run-slice1-1"
    assert client.sent == []


@pytest.mark.parametrize("error", [CONCURRENT, NO_PERMISSION], ids=lambda error: str(error)[4:20])
def test_an_earlier_try_that_failed_changed_nothing_and_the_next_number_follows(error: Exception) -> None:
    client = Client([], before=[Job("run-slice1-1", error), Job("run-slice1-2", error)])
    assert jobs(client, []).change("MERGE", "run-slice1", {}).job_id == "run-slice1-3"


def test_a_statement_that_takes_too_long_is_cancelled() -> None:
    client = Client([LateAnswer()])
    with pytest.raises(JobError, match=r"took longer than 7 s \(bigquery.statement_timeout_seconds\)"):
        jobs(client, [], statement_timeout_seconds=7).change("MERGE", "run-slice1", {})
    assert client.cancelled == ["run-slice1-1"]


def test_every_statement_has_the_limit_of_bytes_and_the_labels() -> None:
    client = Client([])
    limited = jobs(client, [], maximum_bytes_billed=10**10, labels={"team": "features"})
    limited.change("MERGE", "run-slice1", {"run_id": "run", "slice": "1"})
    limited.rows("SELECT 1")
    configs = [config for _, _, config in client.sent]
    assert [config.maximum_bytes_billed for config in configs] == [10**10, 10**10]
    assert [config.labels for config in configs] == [
        {"team": "features", "run_id": "run", "slice": "1"},
        {"team": "features"},
    ]


def test_without_a_limit_none_is_sent() -> None:
    client = Client([])
    jobs(client, []).rows("SELECT 1")
    assert client.sent[0][2].maximum_bytes_billed is None


def test_a_query_is_tried_again_too() -> None:
    client, pauses = Client([RATE_LIMIT, None]), []  # type: tuple[Client, list[float]]
    assert jobs(client, pauses).rows("SELECT 1") == []
    assert len(pauses) == 1


def test_faults_of_bigquery_are_worth_another_try() -> None:
    assert worth_another_try(TooManyRequests("slow down"))
    assert worth_another_try(ServiceUnavailable("busy", errors=[{"reason": "backendError"}]))
    assert worth_another_try(InternalServerError("An internal error", errors=[{"reason": "jobInternalError"}]))
    assert not worth_another_try(NO_PERMISSION)
    assert not worth_another_try(ValueError("rateLimitExceeded"))


def test_errors_say_what_to_do() -> None:
    refused = explained(RefreshError("no refresh token"), "looking for dataset p.d", "the token")
    assert refused == "BigQuery refused the token (looking for dataset p.d): wrong or expired; get a new one"
    assert "roles that are needed are in docs/bigquery.md" in explained(
        NO_PERMISSION, "creating table p.d.t", "the token"
    )


def test_before_a_run_errors_are_of_the_input_and_within_it_of_the_job() -> None:
    for context, code in ((wrong_input, ExitCode.WRONG_INPUT), (failed_job, ExitCode.UNEXPECTED)):
        with pytest.raises(JobError) as raised, context("reading", "the token"):
            raise NO_PERMISSION
        assert raised.value.exit_code == code


class Load(bigquery.LoadJob):
    """A load that was answered for: it ends with the error that BigQuery gives as its own, or without."""

    def __init__(self, job_id: str, error: Exception | None = None) -> None:
        self.ended_with = error
        failed = {} if error is None else {"errorResult": {"reason": "backendError"}}
        self._properties: dict[str, Any] = {"jobReference": {"jobId": job_id}, "status": failed}

    def result(self, *_: Any, **__: Any) -> Any:
        if self.ended_with is not None:
            raise self.ended_with
        return self


class Loads(Client):
    """Uploads, each answered by what is next in a list: an error, a job, or one that was carried out unanswered."""

    def load_table_from_json(self, *_: Any, job_id: str, **__: Any) -> Load:
        answer = self.errors.pop(0)
        self.sent.append(("load", job_id, bigquery.QueryJobConfig()))
        if isinstance(answer, Conflict):
            self.jobs[job_id] = Load(job_id)  # type: ignore[assignment]
        if answer is not None and not isinstance(answer, ServiceUnavailable):
            raise answer
        return Load(job_id, answer)


BUSY = ServiceUnavailable("busy", errors=[{"reason": "backendError"}])


@pytest.mark.parametrize(
    ("answers", "attempts"),
    [([None], [1]), ([Conflict("Already Exists")], [1]), ([RATE_LIMIT, None], [1, 1]), ([BUSY, None], [1, 2])],
    ids=["answered", "carried_out_unanswered", "not_taken", "failed"],
)
def test_a_load_has_one_id_until_it_is_known_to_have_failed(answers: list[Exception], attempts: list[int]) -> None:
    client = Loads(answers)
    jobs(client, []).load([{"run_id": "a"}], "p.d.t", [])
    ids = [job_id.rpartition("-") for _, job_id, _ in client.sent]
    assert [int(number) for _, _, number in ids] == attempts
    assert len({name for name, _, _ in ids}) == 1
