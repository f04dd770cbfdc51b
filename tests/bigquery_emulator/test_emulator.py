"""The emulator's life, as the suite relies on it."""

from __future__ import annotations

from pathlib import Path

from tests.bigquery_emulator.certificate import Certificate
from tests.bigquery_emulator.checks.check import new_dataset, rows
from tests.bigquery_emulator.emulator import Emulator


def test_a_restart_empties_the_project_and_keeps_the_certificate(certificate: Certificate, tmp_path: Path) -> None:
    with Emulator(certificate, tmp_path / "log") as emulator:
        new_dataset(emulator)
        emulator.restart()
        assert emulator.trust_store == certificate.trust_store
        assert list(emulator.client().list_datasets()) == []
        assert rows(emulator, "SELECT 1") == [(1,)]
