"""Stock bqemulator refuses an upload whose media part has the type `*/*`, which is what google-cloud-bigquery sends.

Seen: `load_table_from_json`, and `load_table_from_file` with a size, fail with 400.
"""

from __future__ import annotations

from bqemulator.api.routes import upload


def apply() -> None:
    """Permit the type."""
    permitted = (*upload._PERMITTED_MEDIA_CONTENT_TYPES, "*/*")
    setattr(upload, "_PERMITTED_MEDIA_CONTENT_TYPES", permitted)  # noqa: B010
