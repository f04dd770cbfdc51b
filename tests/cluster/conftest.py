"""One artifact, one cluster and one small league for the session; each module asks for the warehouses that it needs."""

from __future__ import annotations

import datetime
import shutil
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.demo_league import generate
from jobs.submission.artifact import Artifact
from jobs.submission.build import make
from tests.cluster.contents import Contents, features
from tests.cluster.lost import DATES
from tests.cluster.standalone import StandaloneCluster
from tests.cluster.submission import Submitter
from tests.end_to_end.store import Store


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """The built artifact, in another folder than it was built in."""
    built = make(tmp_path_factory.mktemp("build") / "dist")
    moved = tmp_path_factory.mktemp("elsewhere") / "artifact"
    shutil.move(built.folder, moved)
    return Artifact(moved)


@pytest.fixture(scope="session")
def running_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandaloneCluster]:
    with StandaloneCluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(running_cluster: StandaloneCluster) -> StandaloneCluster:
    """The cluster with both of its workers, whatever a test before has done to them."""
    running_cluster.fill()
    return running_cluster


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with nothing but its standard library."""
    folder = tmp_path_factory.mktemp("bare") / "python"
    venv.create(folder, with_pip=False, symlinks=True)
    return folder / "bin" / "python"


@pytest.fixture
def submitter(cluster: StandaloneCluster, artifact: Artifact, bare_python: Path, tmp_path: Path) -> Submitter:
    return Submitter(cluster, artifact, bare_python, tmp_path / "empty")


@pytest.fixture(scope="session")
def league(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Store:
    files = tmp_path_factory.mktemp("league")
    generate(files, teams=6, players_per_team=12, until=datetime.date(2021, 12, 3))
    store = Store(spark, tmp_path_factory.mktemp("imported"))
    store.import_from(files)
    return store


@pytest.fixture(scope="session")
def in_local_mode(league: Store, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What the feature store holds after a run over `DATES` in local mode, in a folder."""
    store = league.copied_to(tmp_path_factory.mktemp("local"))
    store.backfill(DATES, on_missing="fallback")
    return features(store.root)
