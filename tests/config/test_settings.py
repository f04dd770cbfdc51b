"""Where a setting comes from: the later layer wins, and a wrong one is named with the place that it stands in."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.config.settings import Settings, load_settings
from jobs.errors import ConfigurationError, ExitCode


def load(
    options: dict[str, Any] | None = None, config: Path | None = None, environment: dict[str, str] | None = None
) -> Settings:
    return load_settings(options or {}, config=config, environment=environment or {})


def refusal(**layers: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load(**layers)
    assert refused.value.exit_code is ExitCode.WRONG_INPUT
    return str(refused.value)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "mine.yaml"


def test_the_later_layer_wins(config: Path) -> None:
    config.write_text("mode: daily\n")
    from_file = load(config=config)
    from_environment = load(config=config, environment={"FEATURE_STORE_MODE": "backfill"})
    from_options = load({"mode": "daily"}, config, {"FEATURE_STORE_MODE": "backfill"})
    assert [load().mode, from_file.mode, from_environment.mode, from_options.mode] == [
        "backfill",
        "daily",
        "backfill",
        "daily",
    ]


def test_what_a_layer_does_not_say_is_left(config: Path) -> None:
    config.write_text("engine:\n  compiler: full\nseason_start:\n  2019: 2019-10-22\n")
    settings = load({"mode": None, "keep_staging": None}, config, {"FEATURE_STORE_ENGINE__DRIVER_MEMORY": "2g"})
    assert (settings.engine.compiler, settings.engine.driver_memory) == ("full", "2g")
    assert settings.engine.packages == load().engine.packages
    assert settings.season_start == {2019: datetime.date(2019, 10, 22), 2021: datetime.date(2021, 10, 19)}
    assert settings.mode == "backfill"


def test_an_empty_file_says_nothing(config: Path) -> None:
    config.write_text("# nothing yet\n")
    assert load(config=config) == load()


def test_the_environment_has_types_and_nested_keys() -> None:
    settings = load(
        environment={
            "FEATURE_STORE_KEEP_STAGING": "true",
            "FEATURE_STORE_MERGE_SLICE_ROWS": "500",
            "FEATURE_STORE_ENGINE__SHUFFLE_PARTITIONS": "8",
            "FEATURE_STORE_SEASON_START__2020": "2020-12-22",
            "FEATURE_STORE_MINIMUM_ROWS__PLAYER_DAILY_CACHE": "20",
            "FEATURE_STORE_TEST_DATA": "/not/a/setting",
            "UNRELATED": "1",
        }
    )
    assert settings.keep_staging is True
    assert settings.merge_slice_rows == 500
    assert settings.engine.shuffle_partitions == 8
    assert settings.season_start[2020] == datetime.date(2020, 12, 22)
    assert settings.minimum_rows["player_daily_cache"] == 20


def test_an_unknown_option_is_named_with_its_file(config: Path) -> None:
    config.write_text("on_mising: skip\n")
    message = refusal(config=config)
    assert f"configuration in {config}: unknown option 'on_mising' (value 'skip')" in message
    assert "on_missing" in message.split("known here:")[1]


def test_an_unknown_nested_option_is_named_with_its_path(config: Path) -> None:
    config.write_text("engine:\n  memory: 4g\n")
    message = refusal(config=config)
    assert f"configuration in {config}: unknown option 'engine.memory'" in message
    assert "driver_memory" in message.split("known here:")[1]


def test_an_unknown_option_of_the_environment() -> None:
    assert "in the environment: unknown option 'on_mising'" in refusal(environment={"FEATURE_STORE_ON_MISING": "fail"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on_missing: ignore", "on_missing is 'ignore': Input should be 'fail', 'skip' or 'fallback'"),
        ("merge_slice_rows: 0", "merge_slice_rows is 0"),
        ("merge_slice_rows: many", "merge_slice_rows is 'many'"),
        ("season_start: {2021: soon}", "season_start.2021 is 'soon'"),
        ("minimum_rows: {player_daily_cash: 1}", "player_daily_cash is not one of player_daily_cache"),
        ("minimum_rows: {player_daily_cache: 0}", "player_daily_cache is 0: take 1 or more"),
        ("tables: {nbac_schedule: schedule}", "nbac_schedule is 'schedule': expected dataset.table"),
        ("tables: {nba_schedule: a.b}", "nba_schedule is not one of"),
        ("engine: {compiler: fast}", "engine.compiler is 'fast'"),
        ("engine: {shuffle_partitions: 0}", "engine.shuffle_partitions is 0"),
        ("engine: {shuffle_partitions: few}", "engine.shuffle_partitions is 'few'"),
        ("engine: 4g", "engine is '4g'"),
    ],
)
def test_a_wrong_value_is_named_with_its_file(config: Path, text: str, expected: str) -> None:
    config.write_text(text)
    message = refusal(config=config)
    assert all(line.startswith(f"configuration in {config}: ") for line in message.splitlines())
    assert expected in message


def test_a_wrong_value_is_blamed_on_the_layer_that_won(config: Path) -> None:
    config.write_text("mode: weekly\n")
    assert load({"mode": "daily"}, config).mode == "daily"
    assert "in the environment: mode is 'yearly'" in refusal(
        config=config, environment={"FEATURE_STORE_MODE": "yearly"}
    )
    assert "in the options: merge_slice_rows is -1" in refusal(options={"merge_slice_rows": -1}, config=config)


def test_all_wrong_entries_are_named_at_once(config: Path) -> None:
    config.write_text("mode: weekly\non_missing: ignore\n")
    assert len(refusal(config=config).splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"mode: [daily\n", "not YAML"),
        (b"\xff\xfe\xfa", "not YAML"),
        (b"- mode\n- daily\n", "expected keys with values, found list"),
        (b"daily\n", "expected keys with values, found str"),
    ],
)
def test_a_file_that_is_no_configuration(config: Path, content: bytes, expected: str) -> None:
    config.write_bytes(content)
    message = refusal(config=config)
    assert str(config) in message
    assert expected in message


def test_a_file_that_is_not_there(config: Path) -> None:
    assert f"configuration {config}: No such file" in refusal(config=config)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"FEATURE_STORE_MODE": "[daily"}, "FEATURE_STORE_MODE"),
        ({"FEATURE_STORE_ENGINE": "4g", "FEATURE_STORE_ENGINE__COMPILER": "full"}, "FEATURE_STORE_ENGINE"),
    ],
)
def test_an_environment_that_cannot_be_read(environment: dict[str, str], expected: str) -> None:
    message = refusal(environment=environment)
    assert expected in message
    assert len(message.splitlines()) == 1
