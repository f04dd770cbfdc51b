"""One artifact and one cluster for the session; each module asks for the warehouses that it needs."""

from __future__ import annotations

import shutil
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.submission.artifact import Artifact
from jobs.submission.build import make
from tests.cluster.standalone import StandaloneCluster
from tests.cluster.submission import Submitter


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
