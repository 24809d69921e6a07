"""Score by value of the parameter that mattered most, from the search's own configurations."""

from trainers.findings import Finding, Severity
from trainers.insight.refits import Subject
from trainers.report.values import ParameterPoint, ValidationCurve
from tuning.importance import importances
from tuning.result import SearchResult
from tuning.space import Parameter

EDGE = 0.05  # share of the space at either end


def validation_curve(subject: Subject, found: SearchResult) -> ValidationCurve | None:
    """None where too few configurations were scored to tell which parameter mattered, or where that is no number."""
    study, params = subject.outcome.study, subject.outcome.params
    name = next(iter(importances(study, found.outcomes)), None)
    if name is None or study.space[name].choice is not None:
        return None
    parameter = study.space[name]
    scored = (o for o in found.outcomes if o.study == study and o.mean is not None and name in o.params)
    points = (ParameterPoint(float(o.params[name]), float(o.mean or 0.0), len(o.fold_scores)) for o in scored)
    chosen = float(params[name])
    return ValidationCurve(
        family=study.name,
        parameter=name,
        chosen=chosen,
        low=float(parameter.bounds.low),
        high=float(parameter.bounds.high),
        logarithmic=parameter.logarithmic,
        points=tuple(sorted(points, key=lambda point: point.value)),
        at_end=_end(parameter, chosen),
    )


def diagnose_parameter(curve: ValidationCurve | None) -> tuple[Finding, ...]:
    """Tells when the best value lies where the search could go no further; nothing otherwise."""
    if curve is None or not curve.at_end:
        return ()
    finding = Finding(
        "PARAMETER_AT_END",
        Severity.INFO,
        f"The best {curve.parameter} of {curve.family} is {curve.chosen:.4g}, at the {curve.at_end} end of what was searched "
        f"({curve.low:.4g} to {curve.high:.4g}), and no other parameter mattered more: a better one may lie beyond.",
        f"Search further: widen candidates.space[{curve.parameter}] at that end.",
        evidence={"chosen": curve.chosen, "low": curve.low, "high": curve.high},
        alternative="Leave it where the end is a natural limit, such as all columns or a single row.",
    )
    return (finding,)


def _end(parameter: Parameter, value: float) -> str:
    height = parameter.height(value)
    return "low" if height < EDGE else "high" if height > 1 - EDGE else ""
