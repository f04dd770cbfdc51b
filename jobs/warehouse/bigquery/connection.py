"""The way to BigQuery: project, credentials, endpoints, and a check of all three before anything depends on them.

Speaks REST only; no table is read or written here.
"""

from __future__ import annotations

import socket
import warnings
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import google.auth
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, MalformedError
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY
from google.oauth2.credentials import Credentials

from jobs.config.settings import BigQuery
from jobs.errors import ConfigurationError
from jobs.schemas import tables as schemas
from jobs.schemas.tables import Table
from jobs.warehouse.bigquery.errors import wrong_input

REST_ENDPOINT = "https://bigquery.googleapis.com"
GRPC_ENDPOINT = "bigquerystorage.googleapis.com:443"
_TRIES = 3
HELD_BACK_SECONDS = 10
"""For so long BigQuery may hold back an answer to who waits for a statement."""
SCOPES = ("https://www.googleapis.com/auth/bigquery",)


class Connection:
    """A client for REST, and the options by which the Spark connector finds the same project."""

    def __init__(self, options: BigQuery) -> None:
        self.options = options
        credentials, own_project = _credentials(options)
        project = options.project or own_project
        if not project:
            raise ConfigurationError(
                "which project? give --project, or bigquery.project in the configuration; the credentials name none"
            )
        self.project: str = project
        self.location: str | None = options.location
        self.client = bigquery.Client(
            project=options.parent_project or project,
            credentials=credentials,
            client_options=ClientOptions(
                api_endpoint=options.rest_endpoint or REST_ENDPOINT, quota_project_id=options.quota_project
            ),
        )
        _limit_requests(self.client, HELD_BACK_SECONDS + options.read_timeout_seconds)

    @property
    def limits(self) -> dict[str, Any]:
        """What a REST call may take: the `timeout` of one try, and the `retry` of those that nobody answered."""
        seconds = self.options.read_timeout_seconds
        return {"retry": DEFAULT_RETRY.with_timeout(_TRIES * seconds), "timeout": seconds}

    def check(self, datasets: Iterable[str]) -> None:
        """Reaches both endpoints and looks for these datasets (`project.dataset`); jobs run where the first one is.

        ConfigurationError that says which endpoint does not answer, or what is wrong with the credentials, or all
        datasets that do not exist.
        """
        self._reach(self.options.rest_endpoint or REST_ENDPOINT, "rest_endpoint")
        self._reach(self.options.grpc_endpoint or GRPC_ENDPOINT, "grpc_endpoint")
        missing = []
        for name in dict.fromkeys(datasets):
            with wrong_input(f"looking for dataset {name}", self.described):
                try:
                    dataset = self.client.get_dataset(name, **self.limits)
                except NotFound:
                    missing.append(name)
                    continue
            self.location = self.location or dataset.location
        if missing:
            raise ConfigurationError(
                "\n".join(
                    f"dataset {name} does not exist; create it (bq mk --dataset {name.replace('.', ':', 1)}) "
                    "or name the place of its tables in `tables`"
                    for name in missing
                )
            )

    def table(self, name: str) -> bigquery.Table | None:
        """What BigQuery says of a table or view; None where there is none."""
        with wrong_input(f"looking at table {name}", self.described):
            try:
                return self.client.get_table(name, **self.limits)
            except NotFound:
                return None

    def source_bytes(self, places: Mapping[str, str]) -> int:
        """The bytes of all source tables as BigQuery keeps them; tables that cannot be looked at count as 0."""

        def size(table: Table) -> int:
            try:
                return self.client.get_table(table_name(table, self.project, places), **self.limits).num_bytes or 0
            except GoogleAPICallError:
                return 0

        with ThreadPoolExecutor(len(schemas.SOURCES)) as threads:
            return sum(threads.map(size, schemas.SOURCES))

    @property
    def described(self) -> str:
        """By which credentials BigQuery is asked."""
        if self.options.access_token is not None:
            return "the access token of bigquery.access_token"
        if self.options.credentials_file is not None:
            return f"the credentials file {self.options.credentials_file}"
        return "the application default credentials"

    def connector_options(self) -> dict[str, str]:
        """The options of Spark's `bigquery` format, for reading and writing.

        Equal reads are answered from one session for five minutes unless that is switched off: a run must see what
        is there now.
        """
        options = self.options
        chosen: Mapping[str, object] = {
            "project": self.project,
            "parentProject": options.parent_project or self.project,
            "gcpAccessToken": options.access_token and options.access_token.get_secret_value(),
            "credentialsFile": options.credentials_file,
            "bigQueryHttpEndpoint": options.rest_endpoint,
            "bigQueryStorageGrpcEndpoint": options.grpc_endpoint,
            "createReadSessionTimeoutInSeconds": options.read_timeout_seconds,
            "httpConnectTimeout": options.connect_timeout_seconds * 1000,
            "httpReadTimeout": options.read_timeout_seconds * 1000,
            "httpMaxRetry": 3,
            "enableReadSessionCaching": "false",
            "writeMethod": "direct",
        }
        return {name: str(value) for name, value in chosen.items() if value is not None}

    def _reach(self, endpoint: str, key: str) -> None:
        """ConfigurationError unless something accepts a connection there."""
        parts = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
        port = parts.port or (80 if parts.scheme == "http" else 443)
        try:
            socket.create_connection((parts.hostname or "", port), self.options.connect_timeout_seconds).close()
        except OSError as error:
            raise ConfigurationError(
                f"BigQuery does not answer at {endpoint}: {error.strerror or error}; check the network, or "
                f"bigquery.{key} in the configuration"
            ) from None


def table_name(table: Table, project: str, places: Mapping[str, str]) -> str:
    """`project.dataset.table`, by `places` or by the contract."""
    place = places.get(table.name, f"{table.dataset}.{table.name}")
    return place if place.count(".") == 2 else f"{project}.{place}"


def datasets_of(project: str, places: Mapping[str, str]) -> list[str]:
    """`project.dataset` of every table, each once: the target's, the ledger's, the sources'."""
    tables = (schemas.ML_FEATURE_STORE, *schemas.LEDGER, *schemas.SOURCES)
    return list(dict.fromkeys(table_name(table, project, places).rpartition(".")[0] for table in tables))


def _limit_requests(client: bigquery.Client, seconds: int) -> None:
    """Lets no request wait longer for its answer, which may be lost.

    The client waits for one answer about a statement as long as for the statement itself: an hour.
    """
    session = client._http
    unlimited = session.request

    def request(*arguments: Any, timeout: Any = None, **named: Any) -> Any:
        longest = min(timeout, seconds) if isinstance(timeout, int | float) else seconds
        return unlimited(*arguments, timeout=longest, **named)

    session.request = request


def _credentials(options: BigQuery) -> tuple[Any, str | None]:
    """The credentials and the project that they name."""
    if options.access_token is not None:
        token = options.access_token.get_secret_value()
        return Credentials(token, quota_project_id=options.quota_project), None  # type: ignore[no-untyped-call]
    try:
        if options.credentials_file is not None:
            return _from_file(options)
        default: tuple[Any, str | None] = google.auth.default(scopes=SCOPES, quota_project_id=options.quota_project)
        return default
    except MalformedError as error:
        raise ConfigurationError(f"{options.credentials_file} is not a credentials file: {error}") from None
    except DefaultCredentialsError as error:
        if options.credentials_file is not None:
            raise ConfigurationError(f"bigquery.credentials_file: {error}; give an existing file") from None
        raise ConfigurationError(
            "no credentials for BigQuery: run `gcloud auth application-default login`, or give "
            "bigquery.credentials_file or FEATURE_STORE_BIGQUERY__ACCESS_TOKEN"
        ) from None
    except (GoogleAuthError, OSError, ValueError) as error:
        raise ConfigurationError(f"credentials for BigQuery cannot be used: {error}") from None


def _from_file(options: BigQuery) -> tuple[Any, str | None]:
    assert options.credentials_file is not None
    with warnings.catch_warnings():
        # It warns of files by strangers: this one is named by whoever runs the job.
        warnings.simplefilter("ignore", DeprecationWarning)
        found: tuple[Any, str | None] = google.auth.load_credentials_from_file(  # type: ignore[no-untyped-call]
            str(options.credentials_file), scopes=SCOPES, quota_project_id=options.quota_project
        )
    return found
