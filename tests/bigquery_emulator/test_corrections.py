"""Every correction is needed: with all of them each check passes, without its own it fails, and fails as described."""

from __future__ import annotations

from pathlib import Path

import pytest

import tests.bigquery_emulator.checks  # noqa: F401
from tests.bigquery_emulator.certificate import Certificate
from tests.bigquery_emulator.checks.check import CHECKS, Check
from tests.bigquery_emulator.corrections import CORRECTIONS
from tests.bigquery_emulator.emulator import Emulator

UNSEEN = {"column_decoding"}
"""Corrections of speed: test_column_decoding.py shows that they change nothing else."""

every_check = pytest.mark.parametrize("check", CHECKS, ids=str)


def test_every_correction_has_a_check() -> None:
    assert {check.correction for check in CHECKS} | UNSEEN == set(CORRECTIONS)


@every_check
def test_check_passes_with_every_correction(check: Check, emulator: Emulator, request: pytest.FixtureRequest) -> None:
    check.run(emulator, lambda: request.getfixturevalue("spark"))


@every_check
def test_check_fails_without_its_correction(
    check: Check, certificate: Certificate, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    uncorrected = Emulator(certificate, tmp_path / "log", without=[check.correction])
    with pytest.raises(check.error, match=check.message), uncorrected:
        check.run(uncorrected, lambda: request.getfixturevalue("spark"))
