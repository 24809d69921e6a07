import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from service import planning
from service.planning import Planner
from trainers.errors import SpecError
from trainers.plan import Plan
from trainers.spec import TrainingSpec

ROWS = "\n".join(f"{i},{i % 7},{int(i % 3 == 0)}" for i in range(90))


def spec(uri: str, **changes: object) -> TrainingSpec:
    return TrainingSpec.model_validate({"decision": "d", "data": {"uri": uri, "target": "bad"}, **changes})


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Locations in the order in which their tables were really loaded."""
    real, seen = planning.plan, []

    def counted(spec: TrainingSpec, roots: Sequence[str] | None, jobs: Path) -> Plan:
        seen.append(spec.data.uri)
        return real(spec, roots, jobs)

    monkeypatch.setattr(planning, "plan", counted)
    return seen


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(f"a,b,bad\n{ROWS}\n")
    return path


@pytest.fixture
def planner(tmp_path: Path, table: Path) -> Planner:
    return Planner(
        lambda uri: uri.replace("datasets/x", str(table)),
        lambda tenant, spec: None,
        (str(tmp_path),),
        tmp_path / "jobs",
    )


async def test_the_plan_has_every_default_and_the_location_as_given(planner: Planner) -> None:
    plan = await planner.plan(spec("datasets/x"), "t")
    assert plan.spec.data.uri == plan.data.uri == "datasets/x"
    assert plan.spec.search.metric == "average_precision"
    assert plan.spec.candidates
    assert plan.data.rows == 90


async def test_a_part_of_the_rows_is_made_by_a_column_that_is_there(planner: Planner) -> None:
    with pytest.raises(SpecError) as error:
        await planner.plan(spec("datasets/x", slices={"on": ["b", "bb"]}), "t")
    assert [violation.field for violation in error.value.violations] == ["slices.on[1]"]
    fits = [(await planner.plan(spec("datasets/x", diagnosis={"seeds": n}), "t")).fits for n in (0, 3)]
    assert fits[1] - fits[0] == 3 * 5


async def test_the_same_request_on_the_same_file_loads_once(planner: Planner, table: Path, loads: list[str]) -> None:
    plans = await asyncio.gather(*(planner.plan(spec("datasets/x"), "t") for _ in range(8)))
    assert all(plan == plans[0] for plan in plans)
    assert len(loads) == 1


async def test_a_changed_file_or_spec_is_looked_at_again(planner: Planner, table: Path, loads: list[str]) -> None:
    before = await planner.plan(spec(str(table)), "t")
    os.utime(table, ns=(1, 1))
    await planner.plan(spec(str(table)), "t")
    table.write_text(f"a,b,bad\n{ROWS}\n1,1,1\n")
    assert (await planner.plan(spec(str(table)), "t")).data.rows == before.data.rows + 1
    await planner.plan(spec(str(table), decision="another"), "t")
    assert len(loads) == 4


async def test_large_specs_push_others_out_whatever_their_number(
    planner: Planner, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CHARACTERS_KEPT", 200_000)
    small, large, larger = (spec("datasets/x", decision="d" * size) for size in (10, 90_000, 250_000))
    for asked in (small, large, small, large):
        await planner.plan(asked, "t")
    assert len(loads) == 2
    for asked in (larger, larger, small):
        await planner.plan(asked, "t")
    assert len(loads) == 4


async def test_refusals_are_not_remembered_and_speak_of_the_location_as_given(
    planner: Planner, table: Path, tmp_path: Path
) -> None:
    table.write_text("")
    with pytest.raises(SpecError, match="'datasets/x' is empty") as caught:
        await planner.plan(spec("datasets/x"), "t")
    assert str(tmp_path) not in str(caught.value)
    table.write_text(f"a,b,bad\n{ROWS}\n")
    assert (await planner.plan(spec("datasets/x"), "t")).data.rows == 90


async def test_a_plan_that_failed_is_made_again(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(spec: TrainingSpec, roots: Sequence[str] | None, jobs: Path) -> Plan:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(planning, "plan", broken)
        with pytest.raises(MemoryError):
            await planner.plan(spec("datasets/x"), "t")
    assert (await planner.plan(spec("datasets/x"), "t")).data.rows == 90


async def test_nothing_outside_the_roots_is_looked_at(planner: Planner, tmp_path: Path, loads: list[str]) -> None:
    outside = tmp_path.parent / "outside.csv"
    with pytest.raises(SpecError, match="lies outside"):
        await planner.plan(spec(str(outside)), "t")
    assert loads == []


async def test_a_search_may_start_from_a_job_of_this_service_only(planner: Planner, tmp_path: Path) -> None:
    found = (await planner.plan(spec("datasets/x"), "t")).data.fingerprint
    best = {"family": "svm", "kind": "family", "params": {"C": 2.0, "kernel": "linear"}}
    for folder in (tmp_path / "jobs" / "j1", tmp_path / "elsewhere"):
        folder.mkdir(parents=True)
        (folder / "report.json").write_text(json.dumps({"data": {"fingerprint": found}, "candidates": [best]}))
    asked = {"candidates": [{"family": "svm"}], "search": {"warm_start_from": ["j1"]}}
    plan = await planner.plan(spec("datasets/x", **asked), "t")
    assert [f.evidence for f in plan.findings if f.code == "WARM_START_PARTIAL"] == [{"kernel": "linear"}]
    with pytest.raises(SpecError) as error:
        await planner.plan(
            spec("datasets/x", search={"warm_start_from": [str(tmp_path / "elsewhere"), "../elsewhere"]}), "t"
        )
    assert [v.field for v in error.value.violations] == ["search.warm_start_from[0]", "search.warm_start_from[1]"]
