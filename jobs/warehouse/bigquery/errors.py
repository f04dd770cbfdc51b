"""BigQuery's errors in words that a person can act on, and which of them are worth another try."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core.exceptions import (
    Forbidden,
    GoogleAPICallError,
    NotFound,
    RetryError,
    TooManyRequests,
    Unauthorized,
)
from google.auth.exceptions import GoogleAuthError, RefreshError
from requests.exceptions import RequestException

from jobs.errors import ConfigurationError, JobError

_AGAIN_REASONS = {
    "rateLimitExceeded",
    "jobRateLimitExceeded",
    "backendError",
    "jobBackendError",
    "internalError",
    "jobInternalError",
    "tableUnavailable",
}
_AGAIN_TEXT = re.compile(
    r"could not serialize access|due to concurrent update|aborted due to|too many DML statements|"
    r"exceeded rate limits|retrying (?:the|this) (?:job|query) may solve",
    re.IGNORECASE,
)
_ERRORS = (GoogleAPICallError, RetryError, GoogleAuthError, RequestException)


def worth_another_try(error: Exception) -> bool:
    """Whether the same statement may succeed later: rate limits, concurrent updates, faults on BigQuery's side."""
    if isinstance(error, TooManyRequests):
        return True
    if not isinstance(error, GoogleAPICallError):
        return False
    reasons = {detail.get("reason") for detail in error.errors if isinstance(detail, dict)}
    return bool(reasons & _AGAIN_REASONS) or bool(_AGAIN_TEXT.search(str(error.message)))


def explained(error: Exception, doing: str, credentials: str) -> str:
    """One sentence or two: what was tried, what BigQuery answered, what to do."""
    if isinstance(error, RefreshError | Unauthorized):
        return f"BigQuery refused {credentials} ({doing}): wrong or expired; get a new one"
    if isinstance(error, GoogleAuthError):
        return f"{credentials} cannot be used ({doing}): {_first_line(error)}"
    if isinstance(error, Forbidden):
        return (
            f"BigQuery does not allow {doing} with {credentials}: {_first_line(error)}; the roles that are needed are "
            "in docs/bigquery.md"
        )
    if isinstance(error, NotFound):
        return f"{doing}: {_first_line(error)}"
    if isinstance(error, RetryError | RequestException):
        return f"BigQuery did not answer ({doing}): {_first_line(error)}"
    return f"{doing}: BigQuery answered {_first_line(error)}"


@contextmanager
def wrong_input(doing: str, credentials: str) -> Iterator[None]:
    """Turns BigQuery's errors into ConfigurationError: for calls before anything is written."""
    try:
        yield
    except _ERRORS as error:
        raise ConfigurationError(explained(error, doing, credentials)) from error


@contextmanager
def failed_job(doing: str, credentials: str) -> Iterator[None]:
    """Turns BigQuery's errors into JobError: for calls of a run that is under way."""
    try:
        yield
    except _ERRORS as error:
        raise JobError(explained(error, doing, credentials)) from error


def _first_line(error: Exception) -> str:
    text = str(getattr(error, "message", "") or error)
    return text.strip().splitlines()[0][:400] if text.strip() else type(error).__name__
