"""The walls of the house.

Transforms know basketball and nothing of the outside: no session, no reading or writing, no action. Jobs import from
top to bottom: no package imports one above it, and no two files import each other.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import jobs
import transforms
from jobs.warehouse.kinds import KINDS

MODULES = sorted(Path(transforms.__file__).parent.rglob("*.py"))
# From top to bottom, below the commands. What submits a job reads its options as the command line declares them, so it
# stands above that.
PACKAGES = (
    *("submission", "cli", "audits", "backfill", "reports", "ledger", "demo_league"),
    *("warehouse", "planning", "spark", "object_stores", "config", "schemas", "errors"),
)
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


def sources() -> dict[str, str]:
    """The source of each of our modules, by its name."""
    found = {}
    for package in (jobs, transforms):
        root = Path(package.__file__ or "").parent
        for file in root.rglob("*.py"):
            parts = file.relative_to(root.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file.read_text()
    return found


def imports_of(modules: Mapping[str, str]) -> dict[str, set[str]]:
    """Which of the modules each of them imports, at its top, in a function, or for its types only."""
    return {name: set(_ours(source, modules)) - {name} for name, source in modules.items()}


def _ours(source: str, modules: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # `from package import name` takes a module of the package, or what stands in the package itself.
            both = [(f"{node.module}.{alias.name}", str(node.module)) for alias in node.names]
            named = [module if module in modules else package for module, package in both]
        else:
            continue
        yield from (name for name in named if name in modules)


def height(module: str) -> int:
    """How far down a module of `jobs` stands; commands are on top."""
    return next((place for place, package in enumerate(PACKAGES, 1) if f"{module}.".startswith(f"jobs.{package}.")), 0)


def upward(imports: Mapping[str, set[str]]) -> list[str]:
    """The imports of something above."""
    return sorted(
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in others
        if module.startswith("jobs.") and other.startswith("jobs.") and height(other) < height(module)
    )


def in_circles(imports: Mapping[str, set[str]]) -> list[str]:
    """The modules that import themselves by way of others."""
    return sorted(module for module in imports if module in _reached(module, imports))


def _reached(module: str, imports: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    left = list(imports[module])
    while left:
        other = left.pop()
        if other not in reached:
            reached.add(other)
            left += imports[other]
    return reached


def test_no_package_imports_one_above_it() -> None:
    assert upward(imports_of(sources())) == []


def test_no_two_files_import_each_other() -> None:
    assert in_circles(imports_of(sources())) == []


def warehouses_told_apart(source: str) -> list[str]:
    """Where a source asks which warehouse it has: by the name of a kind, or by a class."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            asked = [side.value for side in (node.left, *node.comparators) if isinstance(side, ast.Constant)]
            found += [ast.unparse(node)] if set(asked) & set(KINDS) else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            found += [ast.unparse(node)] if "Warehouse" in ast.unparse(node.args[1]) else []
    return found


def test_no_job_asks_which_warehouse_it_has() -> None:
    elsewhere = {
        module: source
        for module, source in sources().items()
        if not module.startswith(("jobs.warehouse", "jobs.config"))
    }
    assert {module: found for module, source in elsewhere.items() if (found := warehouses_told_apart(source))} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("if settings.warehouse != 'bigquery': pass", ["settings.warehouse != 'bigquery'"]),
        ("isinstance(warehouse, DeltaWarehouse)", ["isinstance(warehouse, DeltaWarehouse)"]),
        ("isinstance(error, RefusedError) or name == 'demo'", []),
    ],
)
def test_a_question_which_warehouse_it_is_is_noticed(source: str, found: list[str]) -> None:
    assert warehouses_told_apart(source) == found


def test_only_commands_and_errors_stand_beside_the_packages() -> None:
    folder = Path(jobs.__file__).parent
    assert {file.parent.name for file in folder.glob("*/__init__.py")} | {"errors"} == set(PACKAGES)
    beside = {file.stem: file.read_text() for file in folder.glob("*.py") if file.stem not in ("__init__", "errors")}
    assert [name for name, source in beside.items() if "def main(" not in source] == []


@pytest.mark.parametrize(
    "source",
    [
        "from jobs.cli.arguments import Invocation",
        "from jobs.cli import arguments",
        "import jobs.cli.arguments",
        "def late() -> None:\n    from jobs.cli.arguments import Invocation",
        "if TYPE_CHECKING:\n    from jobs.cli.arguments import Invocation",
    ],
    ids=["a_name", "a_module", "by_its_path", "in_a_function", "for_its_types"],
)
def test_an_import_of_a_package_above_is_noticed(source: str) -> None:
    planted = {"jobs.cli.arguments": "", "jobs.planning.plan": source}
    assert upward(imports_of(planted)) == ["jobs.planning.plan imports jobs.cli.arguments"]
    turned = {"jobs.cli.arguments": "from jobs.planning.plan import Plan", "jobs.planning.plan": ""}
    assert upward(imports_of(turned)) == []


def test_an_import_of_a_command_is_noticed() -> None:
    planted = {"jobs.status": "", "jobs.errors": "import jobs.status", "jobs.demo": "from jobs.status import main"}
    assert upward(imports_of(planted)) == ["jobs.errors imports jobs.status"]


def test_a_circle_is_noticed_however_long_it_is() -> None:
    planted = {
        "jobs.spark.a": "from jobs.spark import b",
        "jobs.spark.b": "def late() -> None:\n    import jobs.spark.c",
        "jobs.spark.c": "if TYPE_CHECKING:\n    from jobs.spark.a import A",
        "jobs.spark.d": "from jobs.spark.a import A",
    }
    assert in_circles(imports_of(planted)) == ["jobs.spark.a", "jobs.spark.b", "jobs.spark.c"]
