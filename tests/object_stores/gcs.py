"""Cloud Storage, by the program of `fake_gcs`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import requests

from tests.object_stores.build import fake_gcs_program
from tests.object_stores.server import SECONDS, ObjectStoreServer


class FakeGcs(ObjectStoreServer):
    """Knows no credentials: whoever asks is answered."""

    def command(self) -> Sequence[str | Path]:
        """Builds the program where that was not done."""
        return [fake_gcs_program()]

    def make_bucket(self, name: str) -> str:
        """Asks the JSON API; 409 is that it is there."""
        made = requests.post(f"{self.url}/storage/v1/b?project=test", json={"name": name}, timeout=SECONDS)
        assert made.ok or made.status_code == 409, made.text
        return name
