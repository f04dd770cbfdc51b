"""The as-of form: requests and games of one entity as a single line in time, read by window functions.

A request stands before the games of its own date, so whatever it sums up was known the day before. One exchange.

One player, the points of four games, and a request for November 7, on which he plays again:

    day     event    points  running total  total after game  before the last 2
    Nov 1   game     21      21             21
    Nov 3   game     28      49             49
    Nov 5   game     24      73             73
    Nov 7   request          73             NULL              21
    Nov 7   game     33      106            106

The request sees 73 points, not the 33 of that evening. The sum over its last 2 games is the total now, less the total
as it stood before them: 73 - 21 = 52 (`up_to_here`, `totals_before_last`, `sum_since`).
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F
from pyspark.sql import types as T

from transforms.deduplicate import NEWEST_FIRST

_WHOLE_DIGITS = 9
_MOST_DECIMALS = 18
_LARGEST_WHOLE = 3_000_000


def timeline(requests: DataFrame, games: DataFrame, *entity: str) -> DataFrame:
    """Requests and games in one frame, exchanged once by the entity and de-duplicated.

    Input: `requests` and `games`, both with the columns `entity`, `game_date`, `season_year`, `processed_at`,
    `created_at` and any others. Of several rows with one (entity, game_date) the newest is kept, as in
    `deduplicate.newest_rows`; rows with a NULL key are dropped.
    Output: one row per request and one per game: `entity`, `day` (days since 1970-01-01), `is_game` (0 or 1),
    `season_year`, and the other columns of the input as the struct `request` or `game` (the other one NULL).
    """
    events = _events(requests, games, entity, is_game=0).unionByName(_events(games, requests, entity, is_game=1))
    payload = [F.col("request").desc_nulls_last(), F.col("game").desc_nulls_last()]
    newest = [F.col(column).desc_nulls_last() for column in NEWEST_FIRST]
    same_event = Window.partitionBy(*entity, "day", "is_game").orderBy(*newest, *payload)
    rows_so_far = same_event.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    kept = [column for column in events.columns if column not in NEWEST_FIRST]
    return (
        events.repartition(*entity)
        .select(*kept, F.row_number().over(rows_so_far).alias("_newest"))
        .where(F.col("_newest") == 1)
        .drop("_newest")
    )


def _events(rows: DataFrame, others: DataFrame, entity: Sequence[str], *, is_game: int) -> DataFrame:
    own, other = ("game", "request") if is_game else ("request", "game")
    has_key = F.col("game_date").isNotNull()
    for column in entity:
        has_key = has_key & F.col(column).isNotNull()
    season = [] if "season_year" in entity else [F.col("season_year").cast("bigint").alias("season_year")]
    return rows.where(has_key).select(
        *entity,
        F.unix_date("game_date").alias("day"),
        F.lit(is_game).alias("is_game"),
        *season,
        *NEWEST_FIRST,
        F.struct(*_payload_columns(rows, entity)).alias(own),
        F.lit(None).cast(_payload_type(others, entity)).alias(other),
    )


def _payload_columns(rows: DataFrame, entity: Sequence[str]) -> list[str]:
    return [column for column in rows.columns if column not in (*entity, *NEWEST_FIRST)]


def _payload_type(rows: DataFrame, entity: Sequence[str]) -> T.StructType:
    kept = _payload_columns(rows, entity)
    return T.StructType([field for field in rows.schema.fields if field.name in kept])


def up_to_here(*keys: str) -> WindowSpec:
    """Everything of the same keys from the first event to the current one; before a request: strictly earlier days."""
    return Window.partitionBy(*keys).orderBy("day", "is_game").rowsBetween(Window.unboundedPreceding, Window.currentRow)


def days_before(days: int, *keys: str) -> WindowSpec:
    """The events of the same keys of the `days` days before the current event's day, that day itself excluded."""
    return Window.partitionBy(*keys).orderBy("day").rangeBetween(-days, -1)


def totals_before_last(games: int, totals: str, *keys: str) -> Column:
    """The running totals as they stood before the last `games` games; NULL when there were no more than `games`.

    `totals` is a column that is NULL but on game rows. The difference between the running totals of a request and
    this is the sum over its last `games` games, in constant time a row and exact for integers and DECIMALs.
    """
    # SQL, since `F.lag` cannot ignore NULLs; `lag` takes no frame, its offset is its frame.
    return F.expr(
        f"lag({totals}, {games + 1}) IGNORE NULLS OVER (PARTITION BY {', '.join(keys)} ORDER BY day, is_game)"
    )


def sum_since(total: str, earlier: str) -> Column:
    """A running total of the struct `totals`, less what it was in the struct `earlier`; 0 where nothing was summed."""
    now, before = (F.coalesce(F.col(f"{at}.{total}"), F.lit(0)) for at in ("totals", earlier))
    return now - before


def narrow_decimal(rows: DataFrame, name: str) -> Column:
    """The game column `name` as a DECIMAL that can be summed and subtracted without losing a digit.

    Keeps up to 18 decimals and 9 digits before the point; Spark shortens the scale of sums over wider types.
    """
    type_ = rows.schema[name].dataType
    if not isinstance(type_, T.DecimalType):
        raise TypeError(f"column {name}: expected DECIMAL, found {type_.simpleString()}")
    scale = min(type_.scale, _MOST_DECIMALS)
    return F.col(name).cast(T.DecimalType(min(type_.precision, scale + _WHOLE_DIGITS), scale)).alias(name)


def held_whole(rows: DataFrame, name: str) -> Column:
    """The whole column `name` of a game, held within 3 million either way: sums of it, and of squares, never wrap.

    Nobody scores that many: what is made of such a number is out of every range, and told as that.
    """
    value, most = F.col(name), F.lit(_LARGEST_WHOLE)
    held = F.when(value > most, most).when(value < -most, -most).otherwise(value)
    return held.cast(rows.schema[name].dataType).alias(name)


def mean(total: Column, count: Column) -> Column:
    """`total / count` as a double; NULL when either is NULL or the count is 0. The only division of a mean."""
    return F.try_divide(total.cast("double"), count.cast("double"))
