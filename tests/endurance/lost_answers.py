"""BigQuery behind two proxies that carry a call out and then lose its answer: REST, and gRPC of the Storage API.

What is lost, and how, is decided by a `Losses`; nothing here knows what a call does.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import grpc

from tests.bigquery_emulator.emulator import Emulator

How = Literal["reset", "timeout", "503"]
HOW: tuple[How, ...] = ("reset", "timeout", "503")
OF_ONE_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
UNAVAILABLE = {"error": {"code": 503, "message": "try later", "errors": [{"reason": "backendError"}]}}
READS = ("GET", "CreateReadSession", "ReadRows", "GetWriteStream")
RESOURCES = ("upload", "datasets", "tables", "jobs", "queries", "data", "insertAll", "cancel")
SECONDS_TO_GIVE_UP = 4
"""The time limit of a client in these tests, in whole seconds."""


@dataclass(frozen=True)
class Call:
    """One call: what it is, in words that are the same in another run, and what tells it from all others of its run."""

    name: str
    identity: str

    @property
    def changes(self) -> bool:
        """Whether it changes anything."""
        return not self.name.startswith(READS) and "(SELECT)" not in self.name

    @property
    def is_rest(self) -> bool:
        """Whether it is one of REST."""
        return " " in self.name


@dataclass(frozen=True)
class Numbered:
    """A call of a run by its name, and how many of that name came before: the same in another run."""

    name: str
    number: int


@dataclass
class Losses:
    """Which answers are lost: of the calls that `chosen` takes. One that is sent again for that is no other call."""

    how: Callable[[Call], How]
    chosen: Callable[[Call, Numbered], bool]
    calls: list[tuple[Call, Numbered]] = field(default_factory=list)
    lost: list[tuple[Call, Numbered]] = field(default_factory=list)
    _unheard: set[Call] = field(default_factory=set)
    _times: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, call: Call) -> How | None:
        """How the answer of this call is lost; None where it is not."""
        with self._lock:
            if call in self._unheard:
                self._unheard.remove(call)
                return None
            made = call, Numbered(call.name, self._times[call.name])
            self._times[call.name] += 1
            self.calls.append(made)
            if not self.chosen(*made):
                return None
            self._unheard.add(call)
            self.lost.append(made)
            return self.how(call)


def nothing() -> Losses:
    """No answer is lost."""
    return Losses(how=lambda _: "reset", chosen=lambda *_: False)


@dataclass
class Proxies:
    """Where they listen, and what they lose at present: a JVM keeps its connections from one run to the next."""

    endpoints: dict[str, str] = field(default_factory=dict)
    losses: Losses = field(default_factory=nothing)


@contextmanager
def losing(emulator: Emulator) -> Iterator[Proxies]:
    """Proxies before the emulator, for as long as the context lasts."""
    proxies = Proxies()
    rest = _rest_proxy(emulator.rest_endpoint, proxies)
    threading.Thread(target=rest.serve_forever, daemon=True).start()
    server, port = _grpc_proxy(emulator, proxies)
    try:
        proxies.endpoints["rest_endpoint"] = f"http://localhost:{rest.server_address[1]}"
        proxies.endpoints["grpc_endpoint"] = f"localhost:{port}"
        yield proxies
    finally:
        server.stop(0)
        rest.shutdown()
        rest.server_close()


def _rest_proxy(upstream: str, proxies: Proxies) -> ThreadingHTTPServer:
    handler = type("Handler", (_RestHandler,), {"upstream": urlsplit(upstream).netloc, "proxies": proxies})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    return server


class _RestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream: ClassVar[str]
    proxies: ClassVar[Proxies]

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        connection = HTTPConnection(self.upstream)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OF_ONE_HOP}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        agent = self.headers.get("User-Agent") or ""
        how = self.proxies.losses.of(rest_call(self.command, self.path, body, agent))
        if how == "503":
            self._answer(503, {"Content-Type": "application/json"}, json.dumps(UNAVAILABLE).encode())
        elif how is None:
            self._answer(answer.status, _headers_of(answer), content)
        else:
            self._say_nothing(wait=how == "timeout")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        # A client that has given up meanwhile is told nothing.
        with suppress(ConnectionError):
            self.end_headers()
            self.wfile.write(content)

    def _say_nothing(self, *, wait: bool) -> None:
        """Until the client gives up; else the connection is reset."""
        if wait:
            self.connection.settimeout(10 * SECONDS_TO_GIVE_UP)
            self.connection.recv(1)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""

    def finish(self) -> None:
        """A connection that was reset cannot be flushed."""
        if not self.close_connection or self.connection.fileno() != -1:
            super().finish()


def _headers_of(answer: HTTPResponse) -> dict[str, str]:
    return {name: value for name, value in answer.getheaders() if name.lower() not in OF_ONE_HOP}


def rest_call(method: str, path: str, body: bytes, agent: str) -> Call:
    """A call of REST: its method, what it is about, of a statement its first word, and whether Spark's connector asks.

    A job is told from others by its id: the rest of an upload is another one when it is sent again.
    """
    text = body.decode(errors="replace")
    job_id = re.search(r'"jobId": ?"([^"]+)"', text)
    query = re.search(r'"query": ?"(?:\\n|\s)*(\w+)', text)
    about = "/".join(part for part in urlsplit(path).path.split("/") if part in RESOURCES)
    words = (method, about, query and f"({query[1]})", "of the connector" if "spark-bigquery" in agent else None)
    return Call(" ".join(filter(None, words)), f"{method} {path} {job_id[1] if job_id else text}")


def _grpc_proxy(emulator: Emulator, proxies: Proxies) -> tuple[grpc.Server, int]:
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    certificate, key = emulator.certificate.certificate.read_bytes(), emulator.certificate.key.read_bytes()
    channel = grpc.secure_channel(emulator.grpc_endpoint, grpc.ssl_channel_credentials(certificate), options)
    server = grpc.server(ThreadPoolExecutor(16), handlers=[_GrpcHandler(channel, proxies)], options=options)
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
    server.start()
    return server, port


class _GrpcHandler(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, channel: grpc.Channel, proxies: Proxies) -> None:
        self._channel = channel
        self._proxies = proxies

    def service(self, details: Any) -> Any:
        """Every method as a stream of requests and a stream of answers, in bytes: on the wire one is a short stream."""
        name, upstream = details.method.rpartition("/")[2], self._channel.stream_stream(details.method)

        def forward(requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
            seen: list[bytes] = []

            def noted() -> Iterator[bytes]:
                for request in requests:
                    seen.append(request)
                    yield request

            metadata = [pair for pair in context.invocation_metadata() if pair[0] != "user-agent"]
            try:
                for number, answer in enumerate(upstream(noted(), metadata=metadata)):
                    request = seen[min(number, len(seen) - 1)]
                    if how := self._proxies.losses.of(Call(name, f"{number} {request!r}")):
                        context.abort(*_lost(how))
                    yield answer
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())

        return grpc.stream_stream_rpc_method_handler(forward)


def _lost(how: How) -> tuple[grpc.StatusCode, str]:
    """What a client is told by its own library."""
    if how == "timeout":
        return grpc.StatusCode.DEADLINE_EXCEEDED, "deadline exceeded"
    return grpc.StatusCode.UNAVAILABLE, "connection reset by peer" if how == "reset" else "try later"
