"""Starts the corrected emulator in this process and keeps it until it is told to stop.

Prints one line of JSON, {"rest": port, "grpc": port, "tls": port}, when it accepts traffic; port 0 means any free one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import bqemulator.server
import grpc
from bqemulator.config import Settings

from tests.bigquery_emulator.corrections import CORRECTIONS, apply_corrections
from tests.bigquery_emulator.corrections.wrapping import around

TLS_HOST = "127.0.0.1"


def arguments() -> argparse.Namespace:
    """The command line; a correction left out is for tests of the corrections, and for finding out what it does."""
    parser = argparse.ArgumentParser(prog="python -m tests.bigquery_emulator", description=__doc__)
    parser.add_argument("--project", default="test-project")
    parser.add_argument("--rest-port", type=int, default=0)
    parser.add_argument("--grpc-port", type=int, default=0)
    parser.add_argument("--tls-port", type=int, default=0)
    parser.add_argument("--certificate", type=Path, help="PEM file; without it there is no TLS port")
    parser.add_argument("--key", type=Path, help="PEM file of the certificate's private key")
    parser.add_argument("--without", nargs="*", default=[], choices=CORRECTIONS, metavar="CORRECTION")
    parser.add_argument("--log-level", default="warning")
    parser.add_argument("--ready-descriptor", type=int, default=1, help="file descriptor that the ports are written to")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input is closed")
    return parser.parse_args()


def serve_tls(certificate: Path, key: Path, port: int) -> list[int]:
    """Give the emulator's gRPC server a port with TLS, which the connector insists on; filled in once it is bound."""
    bound: list[int] = []

    @around(bqemulator.server, "build_grpc_server")
    def build_grpc_server(stock: Any, context: Any) -> Any:
        server, plain_port = stock(context)
        credentials = grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
        bound.append(server.add_secure_port(f"{TLS_HOST}:{port}", credentials))
        return server, plain_port

    return bound


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGINT, SIGTERM, or the end of standard input."""
    tls_ports = serve_tls(options.certificate, options.key, options.tls_port) if options.certificate else []
    server = bqemulator.server.EmulatorServer(
        Settings(
            rest_port=options.rest_port,
            grpc_port=options.grpc_port,
            default_project_id=options.project,
            enable_format_extensions=False,
            log_level=options.log_level,
        )
    )
    await server.start()
    ports = {"rest": server.rest_port, "grpc": server.grpc_port, "tls": tls_ports[0] if tls_ports else None}
    os.write(options.ready_descriptor, (json.dumps(ports) + "\n").encode())

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if options.stop_with_stdin:
        loop.add_reader(0, stop.set)
    await stop.wait()
    await server.stop()


if __name__ == "__main__":
    chosen = arguments()
    apply_corrections(without=chosen.without)
    asyncio.run(serve(chosen))
