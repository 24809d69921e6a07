"""The training loop on a few rows, in one process."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from trainers.families.family import Rows
from trainers.families.neural.family import NEURAL
from trainers.families.neural.fit import here, set_up
from trainers.families.neural.loop import DivergedError
from trainers.families.neural.preflight import preflight
from trainers.families.neural.range_test import RANGE_TEST, range_test
from trainers.portable.network import MISSING, UNKNOWN, NetworkClassifier, NetworkRegressor, forward

RNG = np.random.default_rng(0)
X = np.column_stack([RNG.normal(size=(200, 3)), RNG.integers(-2, 4, 200)]).astype(np.float32)
Y = (X[:, 0] + (X[:, 3] == 2) > 0.3).astype(np.int64)


def model(kind=NetworkClassifier, **params):
    return kind({**NEURAL.default, "epochs": 8, "batch_size": 64, "width": 16, **params}, categorical=1, seed=3)


def setup(weight=None, **params):
    return set_up(model(**params), Rows(X, Y, weight))


def losses(prepared, validation=None):
    return [epoch.train_loss for epoch in prepared.training(here(), validation).run()]


@pytest.mark.parametrize("params", [{}, {"architecture": "residual"}, {"frequencies": 4}, {"normalise": False}])
def test_numpy_predicts_what_torch_does(params):
    training = setup(**params).training(here())
    list(training.run())
    strange = np.vstack([X, [0, 0, 0, 99], [0, 0, 0, MISSING], [0, 0, 0, UNKNOWN]]).astype(np.float32)
    training._network.eval()
    known = np.clip(strange, None, [np.inf, np.inf, np.inf, 3]).astype(np.float32)
    known[-3, 3] = UNKNOWN  # a code that no fit has seen counts as unknown
    with torch.inference_mode():
        expected = training._network(torch.from_numpy(known)).numpy()
    np.testing.assert_allclose(forward(training.weights(), strange), expected, atol=1e-5)


def test_parts_of_a_batch_make_the_same_steps():
    whole, parts = (losses(setup(dropout=0.0, accumulate=n)) for n in (1, 4))
    np.testing.assert_allclose(whole, parts, rtol=1e-4)


def test_a_resumed_training_is_the_unbroken_one():
    prepared = setup(dropout=0.3)
    unbroken = prepared.training(here())
    list(unbroken.run())
    first = prepared.training(here())
    for epoch in first.run():
        if epoch.number == 3:
            break
    second = prepared.training(here())
    second.load(first.state())
    list(second.run())
    assert [e.train_loss for e in second.epochs] == [e.train_loss for e in unbroken.epochs]
    for name, array in unbroken.weights().items():
        np.testing.assert_array_equal(second.weights()[name], array)


def test_a_weight_of_two_is_a_row_that_is_there_twice():
    twice = np.where(Y == 1, 2.0, 1.0)
    prepared = setup(weight=twice, dropout=0.0)
    repeated = set_up(
        model(dropout=0.0), Rows(np.repeat(X, twice.astype(int), axis=0), np.repeat(Y, twice.astype(int)), None)
    )
    first, other = (each.training(here()) for each in (prepared, repeated))
    shares = [1 / (1 + np.exp(-np.subtract(*each._network.head.bias.tolist()[::-1]))) for each in (first, other)]
    assert shares[0] == pytest.approx(shares[1])
    assert first._rows is not None
    by_weight = first._step(next(first._rows.batches(200, 1, 0, 1)))[0]
    by_rows = other._step(next(other._rows.batches(400, 1, 0, 1)))[0]
    assert float(by_weight) == pytest.approx(float(by_rows), rel=1e-5)


def test_early_stopping_waits_for_its_patience_and_no_longer():
    noise = replace(setup(epochs=60, patience=4, learning_rate=0.05), seed=5)
    wrong = replace(noise.train, y=1 - noise.train.y)
    training = noise.training(here(), wrong)
    epochs = list(training.run())
    assert len(epochs) == training.best.number + 4 < 60
    assert training.best.validation_loss == min(e.validation_loss for e in epochs)


def test_label_smoothing_raises_the_loss_of_training_alone():
    plain, smooth = (setup(label_smoothing=s, dropout=0.0, epochs=20, patience=20) for s in (0.0, 0.4))
    first, other = (list(each.training(here(), each.train).run())[-1] for each in (plain, smooth))
    assert first.train_loss == pytest.approx(first.validation_loss, abs=0.1)
    assert other.train_loss > other.validation_loss + 0.1


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_mixed_precision_learns_the_same(precision):
    exact, mixed = (losses(setup(precision=p, dropout=0.0)) for p in ("fp32", precision))
    assert mixed[-1] < 0.8 * mixed[0]
    assert mixed[-1] == pytest.approx(exact[-1], rel=0.1)


def test_a_loss_that_explodes_ends_with_what_mends_it():
    with pytest.raises(DivergedError, match=r"epoch \d.*Lower learning_rate \(it is 10\)"):
        losses(setup(learning_rate=10.0, schedule="constant", warmup=0.0, clip_norm=None, normalise=False, depth=4))


def test_a_number_that_is_none_ends_with_what_mends_it():
    prepared = setup()
    broken = prepared.train.X.copy()
    broken[:, 0] = np.nan
    with pytest.raises(DivergedError, match="The loss was nan in epoch 1"):
        losses(replace(prepared, train=replace(prepared.train, X=broken)))


def test_the_trial_on_one_batch_tells_why_it_failed(monkeypatch):
    assert preflight(setup(), 2) is None
    wild = setup(learning_rate=10.0, clip_norm=None, normalise=False, depth=4)
    assert "diverged" in preflight(wild, 2).reason
    monkeypatch.setattr("trainers.families.neural.preflight.STEPS", 1)
    assert "did not fall, but went from" in preflight(setup(learning_rate=1.0), 2).reason


def test_the_range_test_suggests_below_where_the_loss_turns():
    trial = setup(learning_rate=RANGE_TEST)
    rates, smoothed = range_test(trial, here())
    assert trial.settings.learning_rate == pytest.approx(rates[int(np.argmin(smoothed))] / 10)
    assert 1e-4 < trial.settings.learning_rate < 1
    assert losses(trial)[-1] < 0.9 * math.log(2)


@pytest.mark.parametrize(
    ("connected", "given", "device"), [(False, [], "cuda"), (True, ["0"], "cuda"), (True, [], "cpu")]
)
def test_a_process_of_ray_uses_only_a_gpu_that_it_was_given(connected, given, device, monkeypatch):
    context = SimpleNamespace(get_accelerator_ids=lambda: {"GPU": given})
    ray = SimpleNamespace(is_initialized=lambda: connected, get_runtime_context=lambda: context)
    monkeypatch.setattr("trainers.families.neural.fit.ray", ray)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert here().device.type == device


def test_a_number_is_predicted_in_its_own_unit():
    target = 1000 + 50 * X[:, 0]
    fitted = model(NetworkRegressor, epochs=30).fit(X, target)
    assert np.abs(fitted.predict(X) - target).mean() < 15
