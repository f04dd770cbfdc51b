"""Cloud Storage, by the program of `fake_gcs`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

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

    def objects(self, bucket: str, prefix: str = "") -> list[str]:
        """The names of a bucket's objects that begin so, in order."""
        listed = requests.get(f"{self.url}/storage/v1/b/{bucket}/o", params={"prefix": prefix}, timeout=SECONDS)
        listed.raise_for_status()
        return [found["name"] for found in listed.json().get("items", [])]

    def copied(self, bucket: str, name: str) -> str:
        """Makes another bucket with the same objects, and gives its name."""
        target = self.make_bucket(name)
        with requests.Session() as session:
            for found in self.objects(bucket):
                there = quote(found, safe="")
                copied = session.post(
                    f"{self.url}/storage/v1/b/{bucket}/o/{there}/rewriteTo/b/{target}/o/{there}", timeout=SECONDS
                )
                copied.raise_for_status()
        return target
