"""
Steps of small students in PyTorch, for bench/small-network.ts: seeds side by side by baddbmm, Adam, batches by index_select.

    /usr/bin/python3 bench/peers/torch-small-network.py '{"inputs": 1, "widths": [16, 16], "heads": 2, "batch": 128, "seeds": 1, "rows": 500}'

For each line on stdin, a number of steps, it does them and writes the milliseconds that they took.
"""

import json
import sys
import time

import torch

work = json.loads(sys.argv[1])
torch.set_num_threads(2)
torch.manual_seed(0)
seeds, rows, batch = work["seeds"], work["rows"], work["batch"]
sizes = [work["inputs"], *work["widths"]]


def linear(inputs, outputs):
    bound = inputs**-0.5
    weight = torch.empty(seeds, inputs, outputs).uniform_(-bound, bound).requires_grad_()
    bias = torch.empty(seeds, 1, outputs).uniform_(-bound, bound).requires_grad_()
    return weight, bias


layers = [linear(a, b) for a, b in zip(sizes, sizes[1:])]
heads = [linear(sizes[-1], 1) for _ in range(work["heads"])]
optimizer = torch.optim.Adam([x for pair in layers + heads for x in pair], lr=1e-2)
x = torch.rand(seeds, rows, sizes[0]) * 2 - 1
teacher = torch.sin(3 * x[..., :1])
label = teacher.clone()
outlier = torch.rand(seeds, rows, 1) > 0.8
order = torch.stack([torch.randperm(rows) for _ in range(seeds)])
place = 0


def step():
    global order, place
    if place + batch > rows:
        order = torch.stack([torch.randperm(rows) for _ in range(seeds)])
        place = 0
    chosen = order[:, place : place + batch, None]
    place += batch
    h = x.gather(1, chosen.expand(-1, -1, sizes[0]))
    given = [column.gather(1, chosen) for column in (label, teacher, outlier)]
    for weight, bias in layers:
        h = torch.tanh(torch.baddbmm(bias, h, weight))
    pred, *others = [torch.baddbmm(bias, h, weight) for weight, bias in heads]
    if others:
        u = pred - given[1]
        each = torch.where(given[2], (u * u + 1).sqrt().sqrt(), (pred - given[0]) ** 2) + (others[0] - given[1]) ** 2
    else:
        each = (pred - given[0]) ** 2
    loss = each.mean((1, 2))
    optimizer.zero_grad(set_to_none=True)
    loss.sum().backward()
    optimizer.step()
    return loss


for line in sys.stdin:
    began = time.perf_counter()
    for _ in range(int(line)):
        step()
    print((time.perf_counter() - began) * 1000, flush=True)
