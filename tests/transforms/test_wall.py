"""The wall: transforms know basketball and nothing of the outside; no session, no reading or writing, no action."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import transforms

MODULES = sorted(Path(transforms.__file__).parent.rglob("*.py"))
ALLOWED_IMPORTS = {"transforms", "pyspark", *sys.stdlib_module_names} - {"os", "io", "time", "random", "subprocess"}
SESSIONS = {"SparkSession", "SparkContext", "SQLContext", "getOrCreate", "getActiveSession", "open", "print"}
OUTSIDE = {
    *("sparkSession", "rdd", "read", "readStream", "write", "writeTo", "writeStream", "table", "saveAsTable"),
    *("createOrReplaceTempView", "createTempView", "createGlobalTempView"),
}
ACTIONS = {
    *("collect", "count", "first", "head", "take", "tail", "show", "foreach", "foreachPartition", "isEmpty"),
    *("toPandas", "toLocalIterator", "toJSON", "cache", "persist", "checkpoint", "localCheckpoint", "explain"),
    *("describe", "summary", "approxQuantile", "corr", "crosstab", "freqItems"),
}
UNREPEATABLE = {
    *("udf", "pandas_udf", "mapInPandas", "applyInPandas", "rand", "randn", "uuid", "now", "today"),
    *("current_timestamp", "current_date", "localtimestamp", "monotonically_increasing_id", "spark_partition_id"),
}
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "a relative import"


def is_of_functions(node: ast.Attribute) -> bool:
    """True for `F.count`, which is an expression; `rows.count` is an action."""
    return isinstance(node.value, ast.Name) and node.value.id == "F"


def broken(source: str) -> set[str]:
    """What stands in a module's source and may not."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    foreign = {name for name in imported(tree) if name.split(".")[0] not in ALLOWED_IMPORTS}
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.name for node in nodes if isinstance(node, ast.alias)}
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    reached = {node.attr for node in attributes} & (SESSIONS | OUTSIDE | UNREPEATABLE)
    return foreign | (names & SESSIONS) | reached | {n.attr for n in attributes if not is_of_functions(n)} & ACTIONS


@each_module
def test_nothing_of_the_outside_is_reached(module: Path) -> None:
    assert broken(module.read_text()) == set()


@each_module
def test_a_module_says_what_lives_there(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text()))


@each_module
def test_every_join_says_how(module: Path) -> None:
    joins = [
        node
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join"
    ]
    of_frames = [join for join in joins if not isinstance(join.func, ast.Attribute) or not is_text(join.func.value)]
    assert [ast.unparse(join) for join in of_frames if "how" not in {word.arg for word in join.keywords}] == []


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@each_module
def test_every_window_in_order_states_its_frame(module: Path) -> None:
    source = module.read_text()
    assert source.count(".orderBy(") <= source.count(".rowsBetween(") + source.count(".rangeBetween(")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import jobs.schemas.tables", {"jobs.schemas.tables"}),
        ("from jobs import sources", {"jobs"}),
        ("from pyspark.sql import SparkSession", {"SparkSession"}),
        ("rows.sparkSession.range(1)", {"sparkSession"}),
        ("rows.write.parquet('x')", {"write"}),
        ("total = rows.count()", {"count"}),
        ("total = F.count('x')", set()),
        ("rows.select(F.current_timestamp())", {"current_timestamp"}),
    ],
)
def test_the_wall_itself_notices(source: str, found: set[str]) -> None:
    assert broken(source) == found
