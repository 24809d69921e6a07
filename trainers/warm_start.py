"""Starts a search from what earlier jobs on the same data found best."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainers.earlier import folder_of, no_report
from trainers.errors import Problems, SpecError, Violation
from trainers.families import registry
from trainers.files import REPORT
from trainers.findings import Finding, Severity
from tuning.objective import Study


def warm_start(
    studies: Sequence[Study], references: Sequence[str], fingerprint: str, jobs: Path | None
) -> tuple[tuple[Study, ...], tuple[Finding, ...]]:
    """Adds the best parameters of earlier jobs to the studies of the same families.

    Args:
        studies: What is searched.
        references: Job ids; without ``jobs``, paths of report.json or of the folder it is in.
        fingerprint: Of the table. Parameters that suit other data are no better a start than any.
        jobs: Folder with a folder a job; nothing outside it is read. None where any path may be.

    Returns:
        The studies, and a finding for each family of which parameters were left out.

    Raises:
        SpecError: A report is missing or is about other data.
    """
    problems, found = Problems(), []
    for i, reference in enumerate(references):
        with problems.noting(f"search.warm_start_from[{i}]"):
            report = _read(reference, jobs)
            _same_data(report, reference, fingerprint)
            found += [(reference, c) for c in report["candidates"] if c["kind"] == "family"]
    problems.stop()
    warmed = tuple(replace(study, promising=tuple(_promising(study, found))) for study in studies)
    return warmed, tuple(finding for study in studies for finding in _left_out(study, found))


def _read(reference: str, jobs: Path | None) -> Mapping[str, Any]:
    folder = folder_of(reference, jobs)
    try:
        report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
        return {"candidates": report.get("candidates", []), "fingerprint": report["data"]["fingerprint"]}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise no_report(reference, jobs) from None


def _same_data(report: Mapping[str, Any], reference: str, fingerprint: str) -> None:
    if report["fingerprint"] != fingerprint:
        raise SpecError(
            [
                Violation(
                    "",
                    f"{reference} was trained on other data (fingerprint {report['fingerprint'][:12]}, here "
                    f"{fingerprint[:12]}); name a job on the same table, or leave it out",
                )
            ]
        )


def _promising(study: Study, found: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[dict[str, Any]]:
    """What the space of a study allows of the parameters that were found best for its family."""
    for _, candidate in found:
        if candidate["family"] == study.name:
            values = _exact(study, candidate["params"])
            yield {name: v for name, v in values.items() if name in study.space and study.space[name].holds(v)}


def _left_out(study: Study, found: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Finding]:
    family = registry.get(study.name)
    for reference, candidate in found:
        if candidate["family"] != study.name:
            continue
        used = {**family.default, **study.fixed}
        # Early stopping settles the rounds of each configuration anew.
        ignored = {family.boosting.rounds} - set(study.space) if family.boosting else set()
        out = {
            name: value
            for name, value in _exact(study, candidate["params"]).items()
            if name not in ignored
            and not (study.space[name].holds(value) if name in study.space else used.get(name) == value)
        }
        if out:
            told = ", ".join(f"{name} = {value!r}" for name, value in out.items())
            yield Finding(
                code="WARM_START_PARTIAL",
                severity=Severity.INFO,
                message=f"The best {study.name} of {reference} had {told}, which this search does not allow.",
                action="The rest was taken over; widen the space if these values are to be tried too.",
                evidence=out,
            )


def _exact(study: Study, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the family takes them: in a report a whole number may have become a real one."""
    settings = registry.get(study.name).parameters
    return {name: settings[name].exact(value) if name in settings else value for name, value in params.items()}
