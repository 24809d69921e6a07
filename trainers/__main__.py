"""Trains a spec without the service: ``python -m trainers spec.yaml``; also what ``ray job submit`` runs.

Given the report.json of an earlier run in place of a spec, it repeats that run and says whether the results are equal.
"""

import argparse
import logging
import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from cluster.session import connect
from trainers.errors import NoModelError, SpecError, Violation
from trainers.files import REPORT
from trainers.redaction import redacted
from trainers.spec import TrainingSpec
from tuning.journal import JournalError

OK, WRONG_REQUEST = 0, 2


def main() -> int:
    """Runs the program and returns its exit code: 0 for a judged model, 2 when the caller can mend what was wrong."""
    options = _options()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger().handlers[0].setLevel(logging.WARNING)
    try:
        spec, earlier = read_request(options.spec)
        print(_train(spec, earlier, options))
    except (SpecError, NoModelError, JournalError) as error:
        print(_told(error), file=sys.stderr)
        return WRONG_REQUEST
    return OK


def _train(spec: TrainingSpec, earlier: Path | None, options: argparse.Namespace) -> str:
    """Trains, unless that was done already, and returns where the report is."""
    # After the spec is known to be right: these imports take seconds.
    from trainers import record
    from trainers.run import TrainingRun, train

    out: Path = options.out or record.folder_for(spec, options.name or options.spec.stem)
    record.check_stays(out)
    run = TrainingRun(
        spec=spec,
        job=options.name or out.resolve().name,
        output=out,
        roots=tuple(options.root) if options.root else None,
        tracking_uri=options.tracking_uri or f"sqlite:///{out.resolve()}/mlflow.db",
        tensorboard=out / "tensorboard",
        openings=options.openings or out / "openings",
        rerun_of=earlier,
    )
    with record.alone(out), connect(os.environ.get("RAY_ADDRESS"), preload="trainers.preload"):
        if earlier is None and record.is_done(out, spec):
            print("This was done before, with everything as it is now; nothing is fitted again.")
            return str(out / REPORT)
        return record.recorded(out, partial(train, run), _show)["report"]


def read_request(path: Path) -> tuple[TrainingSpec, Path | None]:
    """Reads a YAML spec, or the spec recorded in a report.json.

    Returns:
        The spec, and the path again if it is a report.

    Raises:
        SpecError: The file is missing or is neither.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is YAML
        if isinstance(values, dict) and isinstance(values.get("manifest"), dict):
            return TrainingSpec.model_validate(values["manifest"].get("spec")), path
        return TrainingSpec.model_validate(values), None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SpecError([Violation(str(path), f"cannot be read as YAML: {error}")]) from None
    except ValidationError as error:
        raise SpecError([_violation(each) for each in error.errors()]) from None


def _violation(error: Mapping[str, Any]) -> Violation:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]]
    return Violation("".join(parts).lstrip("."), redacted(f"{error['msg']}; got {error['input']!r}"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m trainers", description="Trains a spec and writes a judged model.")
    parser.add_argument("spec", type=Path, help="YAML file, or the report.json of a run to repeat")
    parser.add_argument(
        "--out",
        type=Path,
        help="folder for report.json, report.html and model/, where a run that was stopped goes on; by default one by the"
        " name and content of the spec, in the folder TRAINWRIGHT_RUNS or ./out",
    )
    parser.add_argument(
        "--openings", type=Path, help="folder that remembers which test rows were opened; by default in --out"
    )
    parser.add_argument("--name", help="name of the run in MLflow; by default that of the folder")
    parser.add_argument("--tracking-uri", help="MLflow tracking server; by default a database in the folder")
    parser.add_argument("--root", action="append", help="folder or URI prefix that data must lie under; by default any")
    return parser.parse_args()


def _show(event: Mapping[str, Any]) -> None:
    """Prints where the run stands: a line a step, a line a finished trial, and what was found."""
    if "phase" in event:
        print(f"== {event['phase']['phase']}", flush=True)
    elif "finding" in event:
        finding = event["finding"]
        print(f"   {finding['severity']} {finding['code']}: {finding['message']} {finding['action']}", flush=True)
    elif "trial" in event and event["trial"]["state"] != "running":
        trial = event["trial"]
        score = f"{trial['mean']:.4f}" if "mean" in trial else "no score"
        folds = len(trial["fold_scores"])
        print(f"   trial {trial['number']} {trial['family']}: {score} over {folds} folds, {trial['state']}", flush=True)


def _told(error: SpecError | NoModelError | JournalError) -> str:
    if isinstance(error, SpecError):
        return "The spec cannot be trained:\n" + "\n".join(f"  {v.field}: {v.message}" for v in error.violations)
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
