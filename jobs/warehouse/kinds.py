"""The kinds of warehouses that there are. A new one is added here and in the settings."""

from __future__ import annotations

from jobs.config.settings import Settings
from jobs.warehouse.bigquery.kind import BigQueryKind
from jobs.warehouse.delta.kind import DeltaKind
from jobs.warehouse.kind import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (DeltaKind(), BigQueryKind())}


def kind_of(settings: Settings) -> Kind:
    """The kind of warehouse that the settings name."""
    return KINDS[settings.warehouse]
