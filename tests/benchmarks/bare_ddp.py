"""The peer of ddp_*: a bare DDP loop as torchrun starts it, over the same rows and layers; the first rank prints samples a second.

torchrun --nproc-per-node 2 tests/benchmarks/bare_ddp.py ROWS.npz BATCH EPOCHS
"""

import sys
import time

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def main() -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    rank, ranks = dist.get_rank(), dist.get_world_size()
    rows, batch, epochs = np.load(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    X, y = torch.from_numpy(rows["X"]), torch.from_numpy(rows["y"])
    torch.manual_seed(0)
    layers = [
        nn.Linear(64, 256),
        nn.ReLU(),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Linear(256, 2),
    ]
    network = DistributedDataParallel(nn.Sequential(*layers))
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)
    began = time.perf_counter()
    for epoch in range(epochs):
        order = torch.randperm(len(y), generator=torch.Generator().manual_seed(epoch))
        for chosen in order.split(batch):
            mine = chosen[rank::ranks]
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(X[mine]), y[mine])
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
    if rank == 0:
        print(len(y) * epochs / (time.perf_counter() - began))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
