"""docs/training.md as written: its Python loads a training set of the small league, and the model learns."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest

from jobs.export_training_set import export_training_set
from jobs.planning.plan import requested_dates
from tests.end_to_end.store import Store
from transforms.training_set import Selection

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "training.md").read_text()
NOVEMBER = requested_dates(datetime.date(2021, 11, 2), datetime.date(2021, 12, 3), None)
SPLIT = Selection(validation_start=datetime.date(2021, 11, 20), test_start=datetime.date(2021, 11, 26))


@pytest.fixture(scope="module")
def training_folder(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the training set of the small league as the page names it."""
    folder = tmp_path_factory.mktemp("training")
    store.backfill(NOVEMBER, on_missing="fallback")
    export_training_set(store.warehouse, NOVEMBER, str(folder / "training_set"), SPLIT)
    return folder


def test_the_code_of_the_page_loads_and_trains(training_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(training_folder)
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, names)
    train = names["train"]
    assert len(train) == names["same_rows"].height == names["same_again"].num_rows > 100
    assert 0 < names["error"] < train["label"].std()
    assert names["error"] < 1.2 * names["error_of_the_mean"]
