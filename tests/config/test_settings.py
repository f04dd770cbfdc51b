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
    assert load(config=config).model_dump() == load().model_dump()


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
        ("minimum_rows: {player_daily_cache: 0}", "yaml: minimum_rows: player_daily_cache is 0: take 1 or more"),
        ("tables: {nbac_schedule: schedule}", "yaml: tables: nbac_schedule is 'schedule': expected dataset.table"),
        ("tables: {nba_schedule: a.b}", "nba_schedule is not one of"),
        ("engine: {compiler: fast}", "engine.compiler is 'fast'"),
        ("engine: {counting_memory: 10m}", "engine.counting_memory is '10m': counting needs 64m or more"),
        ("engine: {counting_threads: 0}", "engine.counting_threads is 0"),
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


def test_a_home_folder_is_expanded_once_wherever_it_is_given(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    config.write_text("warehouse_path: ~/wh\nbigquery: {credentials_file: ~/key.json}\n")
    from_file = load(config=config)
    assert (from_file.warehouse_path, from_file.bigquery.credentials_file) == (tmp_path / "wh", tmp_path / "key.json")
    assert load(environment={"FEATURE_STORE_WAREHOUSE_PATH": "~/wh"}).warehouse_path == tmp_path / "wh"
    assert load({"warehouse_path": Path("~/wh")}).warehouse_path == tmp_path / "wh"


def test_a_home_that_nobody_has_is_named() -> None:
    message = refusal(environment={"FEATURE_STORE_WAREHOUSE_PATH": "~nobody-of-this-name/wh"})
    assert "no home folder is known for ~nobody-of-this-name; write the whole path" in message


@pytest.mark.parametrize("text", ["/tmp/wh #2", "/tmp/a: b", "null", "{x}", "0x10", "[wh]", "*wh", "2021-11-01"])
def test_a_variable_is_text_where_the_setting_is_neither_mapping_nor_list(text: str) -> None:
    assert str(load(environment={"FEATURE_STORE_WAREHOUSE_PATH": text}).warehouse_path) == text


def test_a_variable_of_a_mapping_is_yaml() -> None:
    settings = load(environment={"FEATURE_STORE_SEASON_START": "{2020: 2020-12-22}"})
    assert settings.season_start[2020] == datetime.date(2020, 12, 22)


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_is_not_given(empty: str) -> None:
    environment = dict.fromkeys(("FEATURE_STORE_MODE", "FEATURE_STORE_ENGINE__MASTER", "FEATURE_STORE_TABLES"), empty)
    assert load(environment=environment) == load()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("engine: {master: banana}", "engine.master is 'banana': take local[*] or local[N]"),
        ("engine: {driver_memory: lots}", "'lots' is not a valid size; write it as 4g or 512m"),
        ("engine: {driver_memory: 100m}", "Spark needs 512m or more"),
        ("engine: {java_options: 'Xss4m -Da=b'}", "the 1. of them does not begin with -"),
        ("engine: {java_options: -Xmx8g}", "the size of the heap is engine.driver_memory"),
        ("engine: {packages: {delta: delta-spark}}", "delta is 'delta-spark': expected group:artifact:version"),
        ("engine: {shuffle_partitions: 1000000}", "take auto, or 1 to 100,000"),
        ("engine: {shuffle_partitions: true}", "take auto, or 1 to 100,000"),
        ("bigquery: {staging_days: 100000}", "bigquery.staging_days is 100000"),
        ("bigquery: {read_timeout_seconds: 99999999999}", "bigquery.read_timeout_seconds is 99999999999"),
        ("bigquery: {project: 'a`b'}", "not the id of a Google Cloud project"),
    ],
)
def test_wrong_settings_of_an_engine_are_wrong_input(config: Path, text: str, expected: str) -> None:
    config.write_text(text)
    assert expected in refusal(config=config)


@pytest.mark.parametrize(
    "name",
    [
        "/tmp/evil.t",
        "../other.t",
        "a.b/c",
        "a.b`c",
        "a.b c",
        "a..b",
        ".a.b",
        "a.b.c",
        "a.b'c",
        "a.b\n",
        "~.a",
        "a.",
        "ä.b",
    ],
)
def test_a_name_of_a_delta_table_stays_in_the_warehouse(name: str) -> None:
    message = refusal(options={"tables": {"nbac_schedule": name}})
    assert "expected dataset.table, each of letters, digits, _ and -" in message


@pytest.mark.parametrize("name", ["a.b", "nba_raw.nbac-schedule", "2021.x", "A.B_2"])
def test_plain_names_are_names_of_delta_tables(name: str) -> None:
    assert load({"tables": {"nbac_schedule": name}}).tables["nbac_schedule"] == name


@pytest.mark.parametrize("name", ["a.b`; DROP TABLE x", "a.b.c.d", "p`.a.b", "a-b.c", "a.b/c", "a.b c", "-p.a.b"])
def test_a_name_of_a_bigquery_table_needs_no_escape(name: str) -> None:
    options = {"warehouse": "bigquery", "tables": {"nbac_schedule": name}}
    assert "expected dataset.table or project.dataset.table" in refusal(options=options)


@pytest.mark.parametrize("name", ["a.b", "my-project.a.b", "a.b-c"])
def test_plain_names_are_names_of_bigquery_tables(name: str) -> None:
    options = {"warehouse": "bigquery", "tables": {"nbac_schedule": name}}
    assert load(options).tables["nbac_schedule"] == name


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ({"feature_runs": "nba_raw.nbac_schedule"}, "nbac_schedule and feature_runs are both in nba_raw.nbac_schedule"),
        ({"feature_runs": "nba_raw.NBAC_schedule"}, "nbac_schedule and feature_runs are both in"),
        (
            {"ml_feature_store_v2": "a.b", "player_game_summary": "a.b"},
            "player_game_summary and ml_feature_store_v2 are",
        ),
    ],
)
def test_two_tables_in_one_place_are_refused(tables: dict[str, str], expected: str) -> None:
    assert expected in refusal(options={"tables": tables})


def test_a_place_with_its_project_is_the_same_place() -> None:
    options = {
        "warehouse": "bigquery",
        "bigquery": {"project": "mine"},
        "tables": {"feature_runs": "mine.nba_raw.nbac_schedule"},
    }
    assert "nbac_schedule and feature_runs are both in mine.nba_raw.nbac_schedule" in refusal(options=options)
    assert load({**options, "bigquery": {"project": "other"}}).tables["feature_runs"] == "mine.nba_raw.nbac_schedule"
