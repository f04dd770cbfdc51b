"""The options of the JVM that a job starts on this machine: ours by the size of the run, then the user's, which win."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from jobs.config.sizes import mebibytes

# The quick compiler's own default of 48 MB is full after a month, and the JVM may end then. After the longest runs it
# holds 70 MB, and the full compiler 66 MB in one of its two halves. What is reserved and not used costs nothing.
_CODE_CACHE = "-XX:ReservedCodeCacheSize=320m"
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
    if not full_compiler:
        # The best compiler takes more than it saves: 22 dates are 31 s with it, not 25.
        options += ["-XX:TieredStopAtLevel=1", *_quick_collector(given), *_quick_heap(driver_memory)]
    return " ".join([*map(shlex.quote, [*options, *also]), given]).strip()


def _quick_collector(given: str) -> list[str]:
    """With the heap it saves an eighth of a small run; none beside the user's, since the JVM starts with one only."""
    return [] if _COLLECTOR.search(given) else ["-XX:+UseSerialGC"]


def _quick_heap(driver_memory: str) -> list[str]:
    """Room at once for what a small run allocates, which is not collected while it grows; never above the limit."""
    megabytes = min(_QUICK_HEAP_MEGABYTES, int(mebibytes(driver_memory)))
    return [f"-Xms{megabytes}m", f"-Xmn{megabytes * 2 // 3}m"]
