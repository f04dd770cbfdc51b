"""S3, by moto's server with one request at a time."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import requests

from tests.object_stores.server import SECONDS, ObjectStoreServer

REPOSITORY = Path(__file__).parents[2]
REGION = "us-east-1"


class FakeS3(ObjectStoreServer):
    """Takes any credentials, and needs some."""

    def command(self) -> Sequence[str | Path]:
        """Starts it in a Python of its own."""
        return [sys.executable, "-m", "tests.object_stores.fake_s3"]

    def environment(self) -> Mapping[str, str]:
        """Where its module is."""
        return {"PYTHONPATH": str(REPOSITORY)}

    def make_bucket(self, name: str) -> str:
        """Asks for it in the region that needs no name."""
        requests.put(f"{self.url}/{name}", timeout=SECONDS).raise_for_status()
        return name
