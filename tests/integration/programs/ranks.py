"""Trains the same network on 1, 2 and 4 workers and, sharded, on 2; prints the losses of each as JSON.

Run as a program: its workers are forks of a process that has torch imported already, and talk over gloo.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as processes

from trainers.families.family import Rows
from trainers.families.neural.examples import Examples, Place
from trainers.families.neural.family import NEURAL
from trainers.families.neural.fit import set_up
from trainers.portable.network import NetworkClassifier


def work(rank: int, ranks: int, strategy: str, folder: Path) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/{strategy}{ranks}.store", rank=rank, world_size=ranks)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(501, 6)).astype(np.float32)
    y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
    params = {**NEURAL.default, "epochs": 4, "dropout": 0.0, "batch_size": 64, "accumulate": 2, "strategy": strategy}
    setup = set_up(NetworkClassifier(params, seed=1), Rows(X[:401], y[:401], np.linspace(0.5, 2, 401)))
    held_out = Examples(X[401:], y[401:], np.ones(100, dtype=np.float32))
    place = Place(torch.device("cpu"), rank, ranks)
    first = setup.training(place, held_out)
    for epoch in first.run():
        if epoch.number == 2:
            break
    state, file = first.state(), folder / f"{strategy}{ranks}.pt"
    if rank == 0:
        torch.save(state, file)
    dist.barrier()
    training = setup.training(place, held_out)  # goes on from the file, as after a loss
    training.load(torch.load(file, weights_only=True))
    list(training.run())
    weights = training.weights()
    if rank == 0:
        told = {
            "train": [epoch.train_loss for epoch in training.epochs],
            "validation": [epoch.validation_loss for epoch in training.epochs],
            "norm": float(np.sqrt(sum((array**2).sum() for array in weights.values()))),
        }
        (folder / f"{strategy}{ranks}.json").write_text(json.dumps(told))
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    place = Path(sys.argv[1])
    for ranks, strategy in ((1, "ddp"), (2, "ddp"), (4, "ddp"), (2, "fsdp")):
        processes.start_processes(work, (ranks, strategy, place), nprocs=ranks, start_method="fork")
    print(json.dumps({file.stem: json.loads(file.read_text()) for file in place.glob("*.json")}))
