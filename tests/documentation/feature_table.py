"""The table of features in docs/features.md, from the catalogue: `python -m tests.documentation.feature_table`."""

from __future__ import annotations

from transforms.catalogue import FEATURES, Feature
from transforms.precomputed_lookup import TABLE_OF_SOURCE


def feature_table() -> str:
    """One line a feature: index, name, meaning, where it comes from (in this order), default."""
    lines = ["| # | feature | meaning | sources, in order | default |", "|---|---|---|---|---|"]
    for feature in FEATURES:
        default = "" if feature.default is None else str(feature.default)
        lines.append(
            f"| {feature.index} | `{feature.name}` | {feature.meaning} | {', '.join(_sources(feature))} | {default} |"
        )
    return "\n".join(lines) + "\n"


def _sources(feature: Feature) -> list[str]:
    sources = []
    for phase4 in feature.phase4:
        divisor = "" if phase4.divisor == 1.0 else f" / {phase4.divisor:g}"
        sources.append(f"`{TABLE_OF_SOURCE[phase4.source]}.{phase4.column}`{divisor}")
    if feature.computed is not None:
        sources.append("game log" if feature.computed_kind == "phase3" else "calculated")
    return sources


if __name__ == "__main__":
    print(feature_table(), end="")
