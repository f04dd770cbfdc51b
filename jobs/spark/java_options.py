"""The options of the JVM that a job starts on this machine: ours by the size of the run, then the user's, which win."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from jobs.config.sizes import mebibytes

# The quick compiler's own default of 48 MB is full after a month, and the JVM may end then. After the longest runs it
# holds 59 MB, and the full compiler 66 MB in one of its two halves. What is reserved and not used costs nothing.
_CODE_CACHE = "-XX:ReservedCodeCacheSize=320m"
# Spark's own thousands of methods are not worth the best compiler as soon as the JVM thinks; those that see each row
# are called millions of times.
_LATER_BEST_COMPILER = (
    "-XX:Tier4InvocationThreshold=20000",
    "-XX:Tier4MinInvocationThreshold=3000",
    "-XX:Tier4CompileThreshold=60000",
)
_COLLECTOR = re.compile(r"-XX:\+Use\w+GC\b")
_QUICK_HEAP_MEGABYTES = 1500


def java_options(
    given: str, driver_memory: str, *, full_compiler: bool, log_settings: Path | None, also: Sequence[str] = ()
) -> str:
    """One line as Spark takes it; `given` is the user's own, `log_settings` a file of log4j, where not its default."""
    # The JVM's file of counters in /tmp would end it on a full disk.
    options = ["-Duser.timezone=UTC", "-XX:-UsePerfData", _CODE_CACHE]
    if log_settings is not None:
        options.append(f"-Dlog4j2.configurationFile={log_settings.as_uri()}")
    if full_compiler:
        options += _LATER_BEST_COMPILER
        # On few cores a collector that works beside the tasks takes their time and slows every store.
        collector = ["-XX:+UseParallelGC", "-XX:NewRatio=1"]
    else:
        options.append("-XX:TieredStopAtLevel=1")
        collector = ["-XX:+UseSerialGC", *_quick_heap(driver_memory)]
    if _COLLECTOR.search(given):
        # The JVM takes one collector, and does not start with two.
        collector = [option for option in collector if not _COLLECTOR.fullmatch(option)]
    return " ".join([*map(shlex.quote, [*options, *also, *collector]), given]).strip()


def _quick_heap(driver_memory: str) -> list[str]:
    """Room at once for what a small run allocates, which is not collected while it grows; never above the limit."""
    megabytes = min(_QUICK_HEAP_MEGABYTES, int(mebibytes(driver_memory)))
    return [f"-Xms{megabytes}m", f"-Xmn{megabytes * 2 // 3}m"]
