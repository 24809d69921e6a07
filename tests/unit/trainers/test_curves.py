from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from trainers.curves import LiveCurves, write_curves


def test_tensorboard_reads_every_step_of_every_curve(tmp_path: Path) -> None:
    write_curves(
        tmp_path / "job" / "xgboost" / "fold-0", {"validation/log_loss": (0.6, 0.4, 0.3), "train/log_loss": (0.5,)}
    )
    events = EventAccumulator(str(tmp_path / "job" / "xgboost" / "fold-0")).Reload()
    assert sorted(events.Tags()["scalars"]) == ["train/log_loss", "validation/log_loss"]
    read = [(event.step, event.value) for event in events.Scalars("validation/log_loss")]
    assert read == [(0, pytest.approx(0.6)), (1, pytest.approx(0.4)), (2, pytest.approx(0.3))]


def test_tensorboard_reads_scalars_and_weights_of_a_fit_epoch_by_epoch(tmp_path: Path) -> None:
    with LiveCurves(tmp_path / "refit") as curves:
        for epoch, loss in ((1, 0.6), (2, 0.4)):
            curves.write(epoch, {"train_loss": loss}, {"stem.weight": np.arange(6.0)})
    events = EventAccumulator(str(tmp_path / "refit")).Reload()
    read = [(event.step, event.value) for event in events.Scalars("train_loss")]
    assert read == [(0, pytest.approx(0.6)), (1, pytest.approx(0.4))]
    assert events.Histograms("weights/stem.weight")[0].histogram_value.max == 5.0


def test_no_folder_for_curves_writes_none() -> None:
    with LiveCurves(None) as curves:
        curves.write(1, {"train_loss": 0.6}, {})


def test_no_curves_leave_no_folder(tmp_path: Path) -> None:
    write_curves(tmp_path / "fold-0", {})
    assert list(tmp_path.iterdir()) == []
