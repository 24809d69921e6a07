"""The learning rate, step by step."""

from dataclasses import fields

import pytest
import torch

from trainers.families.neural.family import NEURAL
from trainers.families.neural.schedule import Schedule
from trainers.families.neural.settings import Settings

STEPS = 10


def schedule(**params):
    settings = Settings.of({**NEURAL.default, "learning_rate": 1.0, "epochs": 10, **params})
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=settings.learning_rate)
    return Schedule(optimizer, settings, STEPS), optimizer


def course(loss=1.0, **params):
    """The learning rate of each step; every epoch has the same loss."""
    made, optimizer = schedule(**params)
    rates = []
    for step in range(10 * STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        made.after_step()
        if step % STEPS == STEPS - 1:
            made.after_epoch(loss)
    return rates


def test_cosine_rises_in_the_warm_up_and_falls_to_a_hundredth():
    rates = course(schedule="cosine", warmup=0.2)
    assert rates[0] == pytest.approx(0.01)
    assert max(rates) == rates[20] == pytest.approx(1.0)
    assert rates[20:] == sorted(rates[20:], reverse=True)
    assert rates[-1] < 0.02


def test_one_cycle_rises_and_falls_by_itself():
    rates = course(schedule="one_cycle", warmup=0.9)
    assert rates.index(max(rates)) == pytest.approx(29, abs=1)
    assert rates[0] == pytest.approx(0.04)
    assert rates[-1] < 1e-3


def test_a_plateau_halves_the_rate_after_six_epochs_without_gain():
    rates = course(schedule="plateau", warmup=0.0)
    assert rates[0] == rates[69] == 1.0
    assert rates[-1] == 0.5


def test_constant_stays_after_the_warm_up():
    rates = course(schedule="constant", warmup=0.1)
    assert rates[0] < rates[5] < rates[10] == rates[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["cosine", "plateau", "one_cycle", "constant"])
def test_goes_on_where_its_state_was_taken(name):
    whole = course(schedule=name)
    first, optimizer = schedule(schedule=name)
    for step in range(30):
        optimizer.step()
        first.after_step()
        if step % STEPS == STEPS - 1:
            first.after_epoch(1.0)
    second, resumed = schedule(schedule=name)
    resumed.load_state_dict(optimizer.state_dict())
    second.load(first.state())
    assert resumed.param_groups[0]["lr"] == pytest.approx(whole[30])
    resumed.step()
    second.after_step()
    assert resumed.param_groups[0]["lr"] == pytest.approx(whole[31])


@pytest.mark.parametrize(("rows", "batch"), [(40, 16), (240, 16), (6400, 128), (1_000_000, 1024), (9, 9)])
def test_a_batch_follows_the_number_of_rows(rows, batch):
    settings = Settings.of(NEURAL.default)
    assert settings.rows_a_step(rows) == batch


def test_every_training_parameter_is_one_of_the_family():
    assert {field.name for field in fields(Settings)} <= set(NEURAL.parameters)
