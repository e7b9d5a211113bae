"""One of several processes that train one model together; run by test_torch_in_use.py.

Arguments: the process's number, how many there are, the file by which they meet, and where the
parameters go.
"""

import sys

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from adambook import Adam
from adambook.torch import Optimizer


def model_and_batch():
    """The same model and the same eight examples in every process."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    return model, torch.randn(8, 4), torch.randn(8, 1)


def train(model, x, y, steps=10):
    """Train with our Adam; gradients are the mean over examples."""
    optimizer = Optimizer(model.parameters(), Adam(0.05))
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()


if __name__ == "__main__":
    rank, world, meeting, result = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    model, x, y = model_and_batch()
    share = slice(rank * len(x) // world, (rank + 1) * len(x) // world)
    train(DistributedDataParallel(model), x[share], y[share])
    torch.save([p.detach() for p in model.parameters()], result)
    dist.destroy_process_group()
