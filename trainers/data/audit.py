"""Looks for what makes a score lie, before anything is trained."""

from pydantic import BaseModel

from trainers.data.checks import balance, hygiene, leakage, models, sides
from trainers.data.checks.view import look
from trainers.data.load import Table
from trainers.data.split import Split
from trainers.findings import Finding, Severity


class AuditSpec(BaseModel, frozen=True, extra="forbid"):
    """Codes of findings that must not stop this job."""

    acknowledge: tuple[str, ...] = ()


def audit(table: Table, split: Split, metric: str) -> tuple[Finding, ...]:
    """Everything worth knowing about the development rows, errors first.

    Of the rows outside development only the features are looked at, for copies and shift; their targets stay sealed.

    Args:
        table: The table.
        split: Where its rows go.
        metric: scikit-learn scorer name of what the search maximises.
    """
    view = look(table, split)
    found = [
        *leakage.leaking_columns(view),
        *leakage.telling_names(view),
        *sides.copies(table, split),
        *sides.overlapping_groups(table, split),
        *sides.inverted_times(table, split),
        *models.shifted_sides(view),
        *models.suspect_labels(view),
        *hygiene.identifier_columns(view),
        *hygiene.constant_columns(view),
        *hygiene.mixed_types(table, view),
        *hygiene.infinite_values(table, view),
        *hygiene.missing_by_class(view),
        *hygiene.outliers(view),
        *hygiene.omitted_columns(table),
        *balance.rare_classes(table, split, metric),
        *balance.few_positives(table, split),
    ]
    order = list(Severity)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))
