"""The report as flat names and values, the form in which experiment trackers keep and compare runs."""

from typing import Any

from trainers.report.values import CandidateResult, EnsembleResult, Insight, Report


def parameters(report: Report) -> dict[str, Any]:
    """What was asked, what was chosen, and what must be equal to get the same numbers."""
    manifest = report.manifest
    return {
        "decision": report.decision,
        "task": report.task,
        "data.uri": report.data.uri,
        "data.target": report.data.target,
        "data.fingerprint": manifest.data_fingerprint,
        "split.kind": report.split.kind,
        "split.folds": len(report.split.folds),
        "split.digest": manifest.split_digest,
        "search.algorithm": report.search.algorithm,
        "search.metric": report.cross_validation.metric,
        "seed": manifest.seed,
        "spec.digest": manifest.spec_digest,
        "code.version": manifest.code_version,
        "selected.family": report.selected.family,
        **{f"selected.{name}": value for name, value in report.selected.params.items()},
        **{f"package.{name}": value for name, value in manifest.packages.items()},
        **{f"hardware.{name}": value for name, value in manifest.hardware.items()},
    }


def notes(report: Report) -> dict[str, str]:
    """What was found, by code, and who opened the test rows when and why."""
    told: dict[str, list[str]] = {}
    for finding in report.findings:
        told.setdefault(f"finding.{finding.code}", []).append(f"{finding.severity}: {finding.message} {finding.mends}")
    opened = [f"{opening.time} {opening.by}: {opening.why}" for opening in report.split.openings]
    return {**{name: "\n".join(texts) for name, texts in told.items()}, "test.openings": "\n".join(opened)}


def candidate_parameters(report: Report, candidate: CandidateResult) -> dict[str, Any]:
    """Parameters of a candidate; of an ensemble, its members with their weights as well, and those left out."""
    ensemble = _ensemble(report, candidate)
    if ensemble is None:
        return dict(candidate.params)
    members = {f"member.{i + 1}": f"{m.family}, weight {m.weight:.4g}" for i, m in enumerate(ensemble.members)}
    dropped = {f"dropped.{i + 1}": f"{d.member}: {d.reason}" for i, d in enumerate(ensemble.dropped)}
    return {**candidate.params, **members, **dropped}


def candidate_measures(report: Report, candidate: CandidateResult) -> dict[str, float]:
    """Numbers of a candidate; of an ensemble, what it gains over the best single model and costs as well."""
    metric = report.cross_validation.metric
    values = {
        f"{metric}.mean": candidate.mean,
        f"{metric}.std": candidate.std,
        "fit_seconds": candidate.fit_seconds,
        "latency_ms": candidate.latency_ms,
        "latency_p99_ms": candidate.latency_p99_ms,
        "batch_latency_ms": candidate.batch_latency_ms,
        "memory_mb": candidate.memory_mb,
        "model_mb": candidate.model_mb,
        "refit_seconds": candidate.refit_seconds,
    }
    ensemble = _ensemble(report, candidate)
    if ensemble is None:
        return values
    optional = {"error_correlation": ensemble.error_correlation, "out_of_bag": ensemble.out_of_bag}
    return {
        **values,
        "gain": ensemble.gain,
        "gain_se": ensemble.gain_se,
        "extra_latency_ms": ensemble.extra_latency_ms,
        "extra_model_mb": ensemble.extra_model_mb,
        "fits": ensemble.fits,
        "rows_left_out": ensemble.rows_left_out,
        **{name: value for name, value in optional.items() if value is not None},
    }


def rounds(report: Report, candidate: CandidateResult) -> tuple[tuple[str, int, float], ...]:
    """Losses, learning rates and gradients of a family by round: (name with fold, round, value); nothing for an ensemble."""
    curves = [c for c in report.training_curves if c.family == candidate.family and candidate.kind == "family"]
    return tuple(
        (f"{name}/fold-{fold.fold}", step, value)
        for each in curves
        for fold in each.folds
        for name in ("train_loss", "validation_loss", "learning_rate", "gradient_norm")
        for step, value in zip(fold.rounds, getattr(fold, name), strict=False)  # empty where there is none
    )


def _ensemble(report: Report, candidate: CandidateResult) -> EnsembleResult | None:
    named = (each for each in report.ensembles if candidate.kind == "ensemble" and each.kind == candidate.family)
    return next(named, None)


def measures(report: Report) -> dict[str, float]:
    """Every number worth comparing between runs; seconds by step are among them."""
    cv, test, search = report.cross_validation, report.test, report.search
    values = {
        f"cv.{cv.metric}.mean": cv.mean,
        f"cv.{cv.metric}.std": cv.std,
        f"baseline.{cv.metric}.mean": report.baseline.mean,
        "search.fits": search.fits,
        "search.fits_without_racing": search.fits_without_racing,
        "search.trials": search.trials,
        "search.fit_seconds": search.fit_seconds,
        **{f"test.{name}": value for name, value in test.metrics.items()},
        **{f"seconds.{step}": value for step, value in report.timings.items()},
    }
    values["split.openings"] = len(report.split.openings)
    if report.nested is not None:
        values |= {f"nested.{cv.metric}.mean": report.nested.mean, f"nested.{cv.metric}.std": report.nested.std}
    if report.calibration is not None:
        values["cv.calibration_error"] = report.calibration.corrected.expected_error
    if report.insight is not None:
        values |= _insight(report.insight)
    if report.threshold is not None:
        values["threshold"] = report.threshold.value
    for name, point in (("chosen", test.chosen), ("at_half", test.at_half), ("baseline", test.baseline)):
        if point is not None:
            values |= {f"test.{name}.cost": point.cost, f"test.{name}.recall": point.recall}
    return values


def _insight(found: Insight) -> dict[str, float]:
    values: dict[str, float] = {}
    if found.generalisation is not None:
        values["insight.gap"] = found.generalisation.train - found.generalisation.cross_validation
    if found.learning_curve is not None:
        values["insight.last_doubling"] = found.learning_curve.last_doubling
        values["insight.next_doubling"] = found.learning_curve.next_doubling
    if found.seeds is not None:
        values["insight.seeds_std"] = found.seeds.std
    if found.slices is not None:
        values["insight.slices_beyond_chance"] = sum(part.beyond_chance for part in found.slices.results)
    if found.label_noise is not None:
        values["insight.labels_in_doubt"] = found.label_noise.suspects
    return values
