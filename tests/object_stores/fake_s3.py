"""Starts moto's S3 on a free port: it prints its address, and ends with its standard input.

One request at a time: moto looks whether an object is there, and then writes it; of two at once both might. On standard
error a line for each request; told so, it refuses requests for a while.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

_ERROR = b"<Error><Code>%s</Code><Message>refused</Message></Error>"
_CODES = {401: b"ExpiredToken", 403: b"AccessDenied", 503: b"SlowDown"}
Respond = Callable[..., Any]


@dataclass(frozen=True)
class Refusal:
    """What is answered with a status instead of being done."""

    status: int = 0
    methods: tuple[str, ...] = ()
    part: str = ""


class Application:
    """Moto's, one request at a time."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._lock = threading.Lock()
        self._refused = Refusal()

    def __call__(self, environ: dict[str, Any], respond: Respond) -> Iterable[bytes]:
        """Writes down what was asked and how it was answered."""
        uri, statuses = environ["REQUEST_URI"], []

        def answer(status: str, *rest: Any) -> Any:
            statuses.append(status.split()[0])
            return respond(status, *rest)

        if environ["PATH_INFO"] == "/_refuse":
            self._refused = _told(environ["QUERY_STRING"])
            respond("204 No Content", [])
            return []
        with self._lock:
            body = self._refusal(environ, uri, answer) or list(self._moto(environ, answer))
        print("request", environ["REQUEST_METHOD"], statuses[-1], uri, file=sys.stderr, flush=True)
        return body

    def _refusal(self, environ: dict[str, Any], uri: str, respond: Respond) -> list[bytes]:
        now = self._refused
        if environ["REQUEST_METHOD"] not in now.methods or now.part not in uri:
            return []
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = _ERROR % _CODES[now.status]
        respond(f"{now.status} Refused", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]


def _told(query: str) -> Refusal:
    told = parse_qs(query)
    return Refusal(int(told["status"][0]), tuple(told.get("method", ())), told.get("part", [""])[0])


def main() -> None:
    """Serves until standard input ends."""
    server = make_server("127.0.0.1", 0, Application(), threaded=True, request_handler=_Handler)
    print(f"127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=_ends_with_input, daemon=True).start()
    server.serve_forever()


class _Handler(MotoRequestHandler):
    """Says nothing of requests by itself."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        """Leaves that to the application."""


def _ends_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
