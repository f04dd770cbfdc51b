"""No secret in any text: wrong settings are told without values that look like one, at any depth and in any layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.config.secrets import looks_secret, looks_secret_key, scrubbed, scrubbed_values, shown
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError

TOKEN = "ya29.a0AfPlanted_token-of-nobody"
PASSWORD = "hunter2"


def refusal(config: Path | None = None, environment: dict[str, str] | None = None, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(options, config=config, environment=environment or {})
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        f"bigquery: {{access_tokn: {PASSWORD}}}",
        f"bigquery: {{acces_token: {PASSWORD}}}",
        f"bigquery: {{accesstoken: {PASSWORD}}}",
        f"access_token: {PASSWORD}",
        f"bigqury: {{access_token: {PASSWORD}}}",
        f"bigquery: {{access_token: [{PASSWORD}]}}",
        f"bigquery: {{access_token: {{value: {PASSWORD}}}}}",
        f"bigquery: {{credentials_file: {{private_key: {PASSWORD}}}}}",
        f"bigquery: {{credential: {{deep: {{deeper: {PASSWORD}}}}}}}",
        f"engine: {{api_key: {PASSWORD}}}",
        f"bigquery: {{labels: {{token: '{PASSWORD}!'}}}}",
        f"bigquery: {TOKEN}",
        f"engine: {TOKEN}",
        f"mode: {TOKEN}",
        f"tables: {{nbac_schedule: x.{TOKEN}}}",
        f"tables: {{{TOKEN}: a.b}}",
        f"{TOKEN}: true",
        f"minimum_rows: {{player_daily_cache: {TOKEN}}}",
        f"bigquery: {{labels: {{a: {TOKEN}}}}}",
        f"bigquery: {{access_token: *{PASSWORD}}}",
        f"bigquery: {{access_token: !{PASSWORD} x}}",
        f"bigquery: {{access_token: '{TOKEN}",
        f"- {TOKEN}",
        TOKEN,
    ],
)
def test_a_wrong_file_is_told_without_its_secret(tmp_path: Path, text: str) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text(text)
    message = refusal(config)
    assert TOKEN not in message
    assert PASSWORD not in message
    assert str(config) in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIGQUERY__ACCESS_TOKN", PASSWORD),
        ("ACCESS_TOKEN", PASSWORD),
        ("BIGQUERY__TOKEN__VALUE", PASSWORD),
        ("BIGQUERY", f"{{access_tokn: {PASSWORD}}}"),
        ("BIGQUERY", f"{{access_token: [{PASSWORD}"),
        ("BIGQUERY", TOKEN),
        ("MODE", TOKEN),
        ("SEASON_START", TOKEN),
    ],
)
def test_a_wrong_variable_is_told_without_its_secret(name: str, value: str) -> None:
    message = refusal(environment={f"FEATURE_STORE_{name}": value})
    assert TOKEN not in message
    assert PASSWORD not in message
    assert "in the environment: " in message


def test_a_hidden_value_is_said_to_be_hidden() -> None:
    assert "(value not shown); did you mean 'access_token'?" in refusal(bigquery={"access_tokn": PASSWORD})
    assert "mode is wrong (its value is not shown)" in refusal(mode=TOKEN)


def test_a_harmless_value_is_shown() -> None:
    assert "unknown option 'on_mising' (value 'skip'); did you mean 'on_missing'?" in refusal(on_mising="skip")


def test_a_long_value_is_cut() -> None:
    message = refusal(mode="no " * 1000)
    assert len(message) < 300
    assert "(3,000 characters)" in message


@pytest.mark.parametrize(
    "key", ["access_tokn", "tokn", "passwrd", "apiKey", "private-key", "credntials", "secert", "PWD"]
)
def test_misspelt_keys_of_credentials_look_secret(key: str) -> None:
    assert looks_secret_key(key)


@pytest.mark.parametrize(
    "key", ["tables", "keep_staging", "on_missing", "merge_slice_rows", "labels", "master", "packages"]
)
def test_other_keys_do_not_look_secret(key: str) -> None:
    assert not looks_secret_key(key)


@pytest.mark.parametrize(
    "value",
    [
        TOKEN,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "d41d8cd98f00b204e9800998ecf8427e",
        "https://user:pw@host/path",
        "Bearer abcdefgh",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
    ],
)
def test_values_in_the_form_of_credentials_look_secret(value: str) -> None:
    assert looks_secret(value)
    assert shown(value) is None


@pytest.mark.parametrize(
    "value",
    ["2021-11-07", "/data/warehouse_2021/nba", "local[*]", "io.delta:delta-spark_2.12:3.3.3", "nba_raw.nbac_schedule"],
)
def test_other_values_do_not_look_secret(value: str) -> None:
    assert shown(value) == repr(value)


def test_a_text_is_scrubbed_of_credentials_wherever_they_stand() -> None:
    text = f"401 for token={PASSWORD}&x=1 by {TOKEN} at https://me:{PASSWORD}@host/a"
    assert scrubbed(text) == "401 for token=…&x=1 by … at https://…@host/a"
    assert scrubbed("run 20211107T120000-ab12cd of risk-assessment") == "run 20211107T120000-ab12cd of risk-assessment"


def test_what_a_run_was_told_is_kept_without_credentials_at_any_depth() -> None:
    told = {
        "engine": {"java_options": f"-Dpassword={PASSWORD} -Da=b", "cores": 2},
        "hosts": [f"http://me:{PASSWORD}@h"],
    }
    assert scrubbed_values(told) == {
        "engine": {"java_options": "-Dpassword=… -Da=b", "cores": 2},
        "hosts": ["http://…@h"],
    }
