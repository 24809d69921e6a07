"""The model families that can be named in a spec, and how a candidate becomes a study."""

import difflib
from collections.abc import Iterator, Mapping
from graphlib import CycleError
from importlib.util import find_spec
from typing import Any

from pydantic import BaseModel, Field

from trainers.data.table import Task
from trainers.errors import SpecError, Violation
from trainers.families import baseline, boosting, forest, linear, svm, tree
from trainers.families.family import Family
from trainers.families.neural import family as neural
from trainers.families.parameters import start
from tuning.objective import Study
from tuning.space import Choices, Parameter, parents_first

# A new family is written in a file of its kind and listed in that file's FAMILIES; a new file is listed here.
FILES = (baseline, linear, tree, forest, boosting, svm, neural)
FAMILIES: Mapping[str, Family] = {family.name: family for file in FILES for family in file.FAMILIES}


class CandidateSpec(BaseModel, frozen=True, extra="forbid"):
    """One family to search; the field comments are in proto/trainwright/v1/spec.proto."""

    family: str = Field(min_length=1)
    space: Mapping[str, Parameter] = {}
    params: Mapping[str, Any] = {}


class UnknownFamilyError(KeyError):
    """No family has this name; the message lists those that there are."""

    def __str__(self) -> str:
        return str(self.args[0])


def families(task: Task) -> tuple[str, ...]:
    """Names of the families for a task, simple ones first."""
    able = [family for family in FAMILIES.values() if task in family.tasks]
    return tuple(family.name for family in sorted(able, key=lambda family: family.complexity))


def get(name: str) -> Family:
    """The family of a name.

    Raises:
        UnknownFamilyError: There is none.
    """
    if name not in FAMILIES:
        raise UnknownFamilyError(_unknown("family", name, FAMILIES))
    return FAMILIES[name]


def baselines(task: Task) -> tuple[Study, ...]:
    """The models every other must beat, one trial each: one that knows nothing, and a linear one."""
    linear_model = "ridge" if task is Task.REGRESSION else "logistic_regression"
    return tuple(Study(name=name, space={}, default={}) for name in ("dummy", linear_model))


def resolve(candidate: CandidateSpec, task: Task) -> Study:
    """Settles what is searched: the family's default space, the given space over it, fixed parameters out of it.

    Args:
        candidate: Family, space and parameters as given. An empty space means the family's own.
        task: Kind of prediction.

    Raises:
        SpecError: With every violation; paths begin with ``.family``, ``.space`` or ``.params``.
    """
    try:
        family = get(candidate.family)
    except UnknownFamilyError as unknown:
        raise SpecError([Violation(".family", str(unknown))]) from None
    if task not in family.tasks:
        able = ", ".join(families(task))
        raise SpecError([Violation(".family", f"{family.name} cannot do {task}; those that can are {able}")])
    module = family.module or family.extra
    if module is not None and find_spec(module) is None:
        install = f"pip install 'trainwright-server[{family.extra}]'"
        raise SpecError([Violation(".family", f"{family.name} needs {module}, which is not installed; {install}")])
    found = list(_violations(candidate, family))
    if found:
        raise SpecError(found)
    fixed = {name: family.parameters[name].exact(value) for name, value in candidate.params.items()}
    merged = {**family.space, **candidate.space}
    # Sorted, since proposals depend on the order, and a spec that came as a message has lost its own.
    space = {name: merged[name] for name in sorted(merged) if name not in fixed}
    default = {name: start(family.parameters[name], searched) for name, searched in space.items()}
    return Study(name=family.name, space=space, default=default, fixed=fixed)


def _violations(candidate: CandidateSpec, family: Family) -> Iterator[Violation]:
    for name, space in candidate.space.items():
        path = f".space[{name}]"
        if name not in family.parameters:
            yield Violation(path, _unknown(f"parameter of {family.name}", name, family.parameters))
        elif name in candidate.params:
            yield Violation(path, f"{name} is also in params; search it or fix it, not both")
        elif reason := family.parameters[name].refuse_space(space):
            yield Violation(path, reason)
    yield from _conditions(candidate, family)
    for name, value in candidate.params.items():
        path = f".params[{name}]"
        if name not in family.parameters:
            yield Violation(path, _unknown(f"parameter of {family.name}", name, family.parameters))
        elif reason := family.parameters[name].refuse(value):
            yield Violation(path, reason)


def _conditions(candidate: CandidateSpec, family: Family) -> Iterator[Violation]:
    """What is wrong with conditions: each must name another parameter that can have one of the values."""
    space = {**family.space, **candidate.space}
    for name, searched in candidate.space.items():
        for parent, choices in searched.when.items():
            path = f".space[{name}].when[{parent}]"
            if parent not in family.parameters:
                yield Violation(path, _unknown(f"parameter of {family.name}", parent, family.parameters))
            elif parent not in candidate.params and parent not in space:
                yield Violation(path, f"{parent} is neither searched nor in params; give it a space or a value")
            else:
                fixed = (candidate.params[parent],) if parent in candidate.params else None
                able = Parameter(choice=Choices(values=fixed)) if fixed else space[parent]
                if never := [value for value in choices.values if not able.holds(value)]:
                    yield Violation(
                        path, f"{parent} never has {', '.join(map(repr, never))}; name values that it can have"
                    )
    try:
        parents_first(space)
    except CycleError as cycle:
        circle = cycle.args[1]
        yield Violation(f".space[{circle[0]}].when", f"goes round in a circle: {' needs '.join(circle)}; leave one out")


def _unknown(kind: str, name: str, known: Mapping[str, Any]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    meant = f"did you mean {nearest[0]!r}? " if nearest else ""
    there_are = f"there are {', '.join(known)}" if known else "it has none"
    return f"{name!r} is no {kind}; {meant}{there_are}"
