"""The emulator as a test sees it: started, asked for its endpoints, stopped.

Runs in a process of its own, so that the suite's threads and Spark's do not share its interpreter.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, bigquery_storage_v1
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport
from google.cloud.bigquery_storage_v1.services.big_query_write.transports import BigQueryWriteGrpcTransport
from google.oauth2.credentials import Credentials

from tests.bigquery_emulator.certificate import Certificate

REPOSITORY = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"
SECONDS_TO_START = 30
SECONDS_TO_STOP = 2


class EmulatorDidNotStart(RuntimeError):  # noqa: N818
    """The emulator's process ended, or said nothing, before it accepted traffic; the message ends with its log."""


class Emulator:
    """One emulator: an empty project that lives until `stop`.

    A context manager; `restart` gives an empty project on new ports under the same certificate, so that a JVM which
    trusts the certificate goes on. `without` names corrections to leave out.
    """

    def __init__(
        self, certificate: Certificate, log: Path, *, project: str = "test-project", without: Sequence[str] = ()
    ) -> None:
        self.certificate = certificate
        self.log = log
        self.project = project
        self.without = tuple(without)
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, int] = {}

    def start(self) -> Emulator:
        """Start the process and wait until it accepts traffic."""
        ready, ready_descriptor = os.pipe()
        command = [sys.executable, "-m", "tests.bigquery_emulator", "--project", self.project, "--stop-with-stdin"]
        command += ["--certificate", str(self.certificate.certificate), "--key", str(self.certificate.key)]
        command += ["--ready-descriptor", str(ready_descriptor)]
        command += ["--without", *self.without] if self.without else []
        with self.log.open("ab") as log, os.fdopen(ready, "rb") as ports:
            self._process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env={**os.environ, **self._without_network()},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[ready_descriptor],
            )
            os.close(ready_descriptor)
            answered, _, _ = select.select([ports], [], [], SECONDS_TO_START)
            line = ports.readline() if answered else b""
        if not line:
            self.stop()
            raise EmulatorDidNotStart(f"the emulator did not start; its log {self.log} ends:\n{self.log_tail()}")
        self._ports = json.loads(line)
        return self

    def stop(self) -> None:
        """End the process and all it held; nothing happens when it is not running."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process, self._ports = None, {}

    def _without_network(self) -> dict[str, str]:
        """Variables by which the process downloads nothing, and finds nothing that a user's DuckDB downloaded."""
        return {"HOME": str(self.log.parent), "HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE}

    def restart(self) -> Emulator:
        """Stop and start: nothing of the old project is left, the ports are other ones."""
        self.stop()
        return self.start()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def log_tail(self, lines: int = 15) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    @property
    def rest_endpoint(self) -> str:
        """Where REST is served, without TLS."""
        return f"http://localhost:{self._ports['rest']}"

    @property
    def grpc_endpoint(self) -> str:
        """Where gRPC is served, with TLS."""
        return f"localhost:{self._ports['tls']}"

    @property
    def trust_store(self) -> Path:
        """The JVM trust store that holds the certificate of `grpc_endpoint`."""
        return self.certificate.trust_store

    @property
    def connector_options(self) -> dict[str, str]:
        """The options by which Spark's `bigquery` format reads from and writes to this emulator.

        Without the last one a read of a table within five minutes of an equal read has the rows of the earlier one.
        """
        return {
            "parentProject": self.project,
            "project": self.project,
            "gcpAccessToken": "any",
            "bigQueryHttpEndpoint": self.rest_endpoint,
            "bigQueryStorageGrpcEndpoint": self.grpc_endpoint,
            "writeMethod": "direct",
            "createReadSessionTimeoutInSeconds": "20",
            "enableReadSessionCaching": "false",
        }

    def client(self, token: str | None = None) -> bigquery.Client:
        """A client for REST, with this access token or without credentials."""
        return bigquery.Client(
            project=self.project,
            credentials=Credentials(token) if token else AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options=ClientOptions(api_endpoint=self.rest_endpoint),
        )

    def read_client(self) -> bigquery_storage_v1.BigQueryReadClient:
        """A client for the Storage Read API."""
        transport = BigQueryReadGrpcTransport(channel=self._channel())
        return bigquery_storage_v1.BigQueryReadClient(transport=transport)  # type: ignore[no-untyped-call]

    def write_client(self) -> bigquery_storage_v1.BigQueryWriteClient:
        """A client for the Storage Write API."""
        transport = BigQueryWriteGrpcTransport(channel=self._channel())
        return bigquery_storage_v1.BigQueryWriteClient(transport=transport)  # type: ignore[no-untyped-call]

    def _channel(self) -> Any:
        credentials = grpc.ssl_channel_credentials(self.certificate.certificate.read_bytes())
        return grpc.secure_channel(self.grpc_endpoint, credentials)
