"""The run for every kind of target and split, on real tables that scikit-learn ships."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from tests.running import run_in
from trainers.errors import NoModelError, SpecError
from trainers.report.values import Report

NO_REFITS = {"learning_points": 0, "seeds": 0}
QUICK = {"algorithm": "random", "max_trials": 2}


def run(folder: Path, **parts: Any) -> tuple[Report, list[Mapping[str, Any]]]:
    """Runs a spec and returns its report and events."""
    events: list[Mapping[str, Any]] = []
    spec = {"decision": "d", "search": QUICK, "diagnosis": NO_REFITS, **parts}
    return run_in(folder, spec, events.append), events


@pytest.mark.usefixtures("ray_address")
class TestTasks:
    def test_multiclass_with_an_ensemble(self, tmp_path: Path) -> None:
        frame = load_wine(as_frame=True).frame
        frame["target"] = frame["target"].map({0: "barolo", 1: "grignolino", 2: "barbera"})
        frame.to_parquet(tmp_path / "wine.parquet")
        report, _ = run(
            tmp_path,
            data={"uri": str(tmp_path / "wine.parquet"), "target": "target"},
            split={"folds": 3},
            candidates=[{"family": "logistic_regression"}, {"family": "decision_tree"}],
            ensembles=[{"kind": "weighted"}, {"kind": "snapshot"}],
            threshold={"cost_matrix": [{"truth": "barbera", "decided": "barolo", "cost": 20}]},
            conformal={"coverage": 0.9},
        )
        assert [(each.kind, each.best_single) for each in report.ensembles] == [
            ("weighted", report.ensembles[0].best_single),
            ("snapshot", report.ensembles[0].best_single),
        ]
        assert len(report.ensembles[1].members) == 3
        assert (report.task, report.threshold) == ("multiclass", None)
        assert report.test.metrics["f1_macro"] > 0.8
        assert report.test.confusion is not None
        assert set(report.test.confusion.labels) == {"barolo", "grignolino", "barbera"}
        model = mlflow.sklearn.load_model(str(tmp_path / "out/model"))
        rows = frame.drop(columns="target")
        assert set(model.predict(rows)) == {"barolo", "grignolino", "barbera"}
        assert report.class_decision is not None
        assert report.test.classes is not None
        assert report.conformal is not None
        assert "20 for barolo where barbera is true" in (tmp_path / "out/report.html").read_text()
        sets = model.predict_set(rows)
        held = [truth in each for truth, each in zip(frame["target"], sets, strict=True)]
        assert np.mean(held) >= 0.85

    def test_regression_with_bagging(self, tmp_path: Path) -> None:
        load_diabetes(as_frame=True).frame.to_csv(tmp_path / "diabetes.csv", index=False)
        report, events = run(
            tmp_path,
            data={"uri": str(tmp_path / "diabetes.csv"), "target": "target"},
            split={"folds": 3},
            candidates=[{"family": "elastic_net"}, {"family": "decision_tree"}],
            ensembles=[
                {"kind": "bagging", "members": 2, "family": "decision_tree", "column_fraction": 0.5},
                {"kind": "stacking", "passthrough": True},
                {"kind": "boosting", "members": 3},
            ],
            conformal={"coverage": 0.8},
        )
        assert report.conformal is not None
        assert report.conformal.half_width is not None
        assert report.conformal.test_coverage == pytest.approx(0.8, abs=0.15)
        model, rows = mlflow.sklearn.load_model(str(tmp_path / "out/model")), load_diabetes(as_frame=True).data
        low, high = model.predict_interval(rows).T
        np.testing.assert_allclose(high - low, 2 * report.conformal.half_width)
        bag, stack, _ = report.ensembles
        assert bag.out_of_bag is not None
        assert stack.extra_latency_ms > 0
        assert (tmp_path / "out/pictures/diversity_bagging.svg").exists()
        logged = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
        experiment = logged.get_experiment_by_name("trainwright")
        (nested,) = logged.search_runs([experiment.experiment_id], "run_name = 'ensemble bagging'")
        assert nested.data.params["member.2"] == "decision_tree, weight 0.5"
        assert nested.data.metrics["gain"] == pytest.approx(bag.gain)
        fits = [event["progress"].get("fits_done", 0) for event in events if "progress" in event]
        assert fits == sorted(fits)
        searched = report.search.fits
        assert set(range(searched + 1, searched + bag.fits)) <= set(fits), "each member shows"
        assert report.task == "regression"
        assert 0.2 < report.test.metrics["r2"] < 0.8
        assert report.test.confusion is None
        assert {"bagging", "stacking"} <= {candidate.family for candidate in report.candidates}

    def test_groups_in_time_with_resampling(self, tmp_path: Path) -> None:
        """A drifting process with batches: newest rows test, whole batches on one side, classes evened inside folds."""
        frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 5, 6, -1]].sample(frac=1, random_state=0)
        frame["day"] = pd.date_range("2026-01-01", periods=len(frame)).astype(str)
        frame["batch"] = np.arange(len(frame)) // 8
        frame.to_csv(tmp_path / "cells.csv", index=False)
        report, events = run(
            tmp_path,
            data={"uri": str(tmp_path / "cells.csv"), "target": "target"},
            split={"folds": 3, "time_on": "day", "group_on": ["batch"]},
            candidates=[{"family": "decision_tree", "params": {"max_depth": 4}}],
            resample={"method": "over"},
            threshold={"min_recall": 0.9},
            ensembles=[{"kind": "stacking"}],
        )
        assert report.ensembles[0].rows_left_out > 50, "rows before the first fold have no out-of-fold prediction"
        assert report.split.kind == "time"
        after = report.split.folds[0].resampled_class_counts
        assert len(set(after.values())) == 1
        assert report.threshold is not None
        assert report.threshold.chosen.recall >= 0.9
        assert [event["phase"]["phase"] for event in events if "phase" in event][-1] == "publish"

    def test_segments_and_costs_come_from_columns_that_are_no_features(self, tmp_path: Path) -> None:
        frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 5, -1]]
        rng = np.random.default_rng(0)
        frame["line"] = rng.choice([1, 2, 3], len(frame), p=[0.45, 0.45, 0.1])
        frame["price"] = rng.integers(1, 20, len(frame))
        frame.to_csv(tmp_path / "cells.csv", index=False)
        report, _ = run(
            tmp_path,
            data={"uri": str(tmp_path / "cells.csv"), "target": "target", "positive_class": "0", "exclude": ["line"]},
            split={"folds": 3},
            candidates=[{"family": "random_forest", "params": {"n_estimators": 20, "product_columns": 0}}],
            threshold={
                "expected_cost": {"false_negative": 3, "false_positive": 1, "false_negative_column": "price"},
                "segment_on": ["line"],
                "min_segment_cases": 30,
                "capacity": 0.4,
            },
        )
        threshold = report.threshold
        assert threshold is not None
        assert {"line", "price"}.isdisjoint(column.name for column in report.data.columns)
        assert [(each.values, each.own) for each in threshold.segments] == [
            (("1",), True),
            (("2",), True),
            (("3",), False),
        ]
        assert threshold.chosen.flagged <= 0.4
        assert threshold.shared is not None
        assert threshold.chosen.cost <= threshold.shared.cost
        assert sum(each.rows for each in report.test.segments) == report.test.rows
        model = mlflow.pyfunc.load_model(str(tmp_path / "out/model"))
        probabilities = model.get_raw_model().predict_proba(frame)[:, 1]
        own = np.array([threshold.segments[line - 1].threshold for line in frame["line"]])
        assert (model.predict(frame) == np.where(probabilities >= own, 0, 1)).all()
        unknown = model.predict(frame.drop(columns=["line", "price"]))
        assert (unknown == np.where(probabilities >= threshold.value, 0, 1)).all()
        assert "Outcomes by segment" in (tmp_path / "out/report.html").read_text()

    def test_a_limit_that_excludes_the_best_scorer_is_kept(self, tmp_path: Path) -> None:
        load_breast_cancer(as_frame=True).frame.to_csv(tmp_path / "cells.csv", index=False)
        parts = {
            "data": {"uri": str(tmp_path / "cells.csv"), "target": "target"},
            "split": {"folds": 2},
            "candidates": [
                {"family": "random_forest", "params": {"n_estimators": 200, "product_columns": 0}},
                {"family": "logistic_regression", "params": {"product_columns": 0}},
            ],
        }
        report, _ = run(tmp_path / "a", **parts, requirements={"max_model_mb": 0.05})
        assert report.selected.family == "logistic_regression"
        forest = next(c for c in report.candidates if c.family == "random_forest")
        assert "at most 0.05 MB" in forest.rejected_because
        with pytest.raises(NoModelError, match="Nearest"):
            run(tmp_path / "b", **parts, requirements={"max_model_mb": 0.0001})

    def test_what_gives_the_answer_away_stops_the_job_unless_acknowledged(self, tmp_path: Path) -> None:
        frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, -1]]
        frame["verdict"] = frame["target"] * 3 + 1
        frame.to_csv(tmp_path / "cells.csv", index=False)
        parts = {
            "data": {"uri": str(tmp_path / "cells.csv"), "target": "target"},
            "candidates": [{"family": "decision_tree", "params": {"max_depth": 2}}],
            "split": {"folds": 2},
        }
        with pytest.raises(SpecError, match="TARGET_LEAKAGE"):
            run(tmp_path / "a", **parts)
        report, _ = run(tmp_path / "b", **parts, audit={"acknowledge": ["TARGET_LEAKAGE"]})
        assert "TARGET_LEAKAGE" in [finding.code for finding in report.findings]

    def test_a_second_attempt_takes_up_the_journal_and_tells_of_both_openings(self, tmp_path: Path) -> None:
        load_wine(as_frame=True).frame.to_csv(tmp_path / "wine.csv", index=False)
        parts = {
            "data": {"uri": str(tmp_path / "wine.csv"), "target": "target"},
            "split": {"folds": 2},
            "candidates": [{"family": "decision_tree"}],
        }
        first, _ = run(tmp_path, **parts)
        second, _ = run(tmp_path, **parts)
        assert first.search.resumed_fits == 0
        assert second.search.resumed_fits == second.search.fits == first.search.fits
        assert second.test.metrics == first.test.metrics
        assert len(second.split.openings) == 2

    def test_without_the_tracking_server_the_folder_has_everything(self, tmp_path: Path) -> None:
        load_wine(as_frame=True).frame.to_csv(tmp_path / "wine.csv", index=False)
        spec = {
            "decision": "d",
            "data": {"uri": str(tmp_path / "wine.csv"), "target": "target"},
            "split": {"folds": 2},
            "candidates": [{"family": "decision_tree"}],
            "search": QUICK,
        }
        report = run_in(tmp_path, spec, tracking_uri="http://127.0.0.1:9")
        assert "NOT_PUBLISHED" in [finding.code for finding in report.findings]
        assert (tmp_path / "out/model/MLmodel").exists()
