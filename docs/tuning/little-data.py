#!/usr/bin/python3
"""How the settings of examples/little-data.json were chosen: a simulation in PyTorch of what train/ implements.

Independent of Limbeck: reading, splits, random numbers, networks and errors are its own. Test rows are drawn at random, a
tenth of a table (or what is above 5,000 training rows), by seeds that no reported study has.

`/usr/bin/python3 docs/tuning/little-data.py TABLES TABLE[,TABLE…] [--NAME VALUE…] [--vary NAME=V,V…]` prints a row for
each value of what varies: mean RMSE in deviations of the training labels of teacher, base and base with the add-ons, and
the share of the gap between base and teacher that the add-ons close. TABLES is a folder with uci/ and kd/. It wants
Debian's python3-torch and about a minute of a core for each table and value.
"""
import argparse
import math
import pathlib
import time

import numpy as np
import torch

SETTINGS = dict(
    seeds=5,
    first_seed=1000,
    fraction=0.1,
    teacher_hidden=500,
    teacher_steps=6000,
    teacher_rate=0.005,
    teacher_batch=50,
    hidden=50,
    steps=4000,
    batch=50,
    rate=0.001,
    optimizer='adam',
    perturbation='gaussian',
    sigma=1.0,
    climb=3,
    stride=0.2,
    pm=1.0,
    abm=1.0,
    gm=1.0,
)
KD = {
    'compactiv': ('compactiv/compactiv.csv', 1),
    'cpusmall': ('cpusmall/cpusmall.csv', 0),
    'pole': ('pole/pole.csv', 1),
}


def read(tables, name):
    if name in KD:
        path, header = KD[name]
        rows = np.loadtxt(tables / 'kd' / path, delimiter=',', skiprows=header)
        return rows[:, :-1], rows[:, -1]
    folder = tables / 'uci' / name
    rows = np.loadtxt(folder / 'data.txt')
    columns = np.loadtxt(folder / 'index_features.txt', dtype=int)
    target = int(np.loadtxt(folder / 'index_target.txt'))
    return rows[:, columns], rows[:, target]


class Data:
    """All seeds' rows, standardised, one after another along the first axis."""

    def __init__(self, tables, name, options):
        x, y = read(tables, name)
        train = min(round(0.9 * len(y)), 5000)
        parts = {'x': [], 'y': [], 'few_x': [], 'few_y': [], 'test_x': [], 'test_y': []}
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            order = np.random.default_rng(seed).permutation(len(y))
            of, rest = order[:train], order[train:][:4000]
            deviation = x[of].std(0)
            scale = lambda z: (z - x[of].mean(0)) / np.where(deviation > 0, deviation, 1)
            score = lambda z: (z - y[of].mean()) / y[of].std()
            few = of[: max(2, round(options.fraction * train))]
            for key, value in dict(
                x=scale(x[of]), y=score(y[of]), few_x=scale(x[few]), few_y=score(y[few]),
                test_x=scale(x[rest]), test_y=score(y[rest]),
            ).items():
                parts[key].append(torch.tensor(value).float())
        for key, value in parts.items():
            stacked = torch.stack(value)
            setattr(self, key, stacked.unsqueeze(-1) if key.endswith('y') else stacked)


def network(seeds, inputs, hidden, generator):
    draw = lambda fan_in, fan_out: torch.randn(seeds, fan_in, fan_out, generator=generator) * math.sqrt(2 / (fan_in + fan_out))
    weights = [draw(inputs, hidden), torch.zeros(seeds, 1, hidden), draw(hidden, 1), torch.zeros(seeds, 1, 1)]
    return [w.requires_grad_() for w in weights]


def forward(w, x):
    return torch.baddbmm(w[3], torch.tanh(torch.baddbmm(w[1], x, w[0])), w[2])


def slope(w, x):
    """Of the prediction by the inputs, for a network of one hidden layer: exact."""
    inner = 1 - torch.tanh(torch.baddbmm(w[1], x, w[0])).square()
    return torch.bmm(inner * w[2].transpose(1, 2), w[0].transpose(1, 2))


def fit(weights, loss, steps, rate, name='adam'):
    make = {'adam': torch.optim.Adam, 'rmsprop': torch.optim.RMSprop}[name]
    optimizer = make(weights, lr=rate)
    for step in range(steps):
        for group in optimizer.param_groups:
            group['lr'] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        optimizer.zero_grad()
        loss(step).backward()
        optimizer.step()


def rmse(w, data):
    with torch.no_grad():
        return (forward(w, data.test_x) - data.test_y).square().mean((1, 2)).sqrt()


def teachers(data, options):
    generator = torch.Generator().manual_seed(options.first_seed)
    seeds, rows, inputs = data.x.shape
    w = network(seeds, inputs, options.teacher_hidden, generator)
    take = torch.arange(seeds).unsqueeze(1)

    def loss(_):
        i = torch.randint(rows, (seeds, options.teacher_batch), generator=generator)
        return (forward(w, data.x[take, i]) - data.y[take, i]).square().mean((1, 2)).sum()

    fit(w, loss, options.teacher_steps, options.teacher_rate)
    return [each.detach() for each in w]


def student(teacher, data, options, matched):
    generator = torch.Generator().manual_seed(options.first_seed + 1)
    seeds, rows, inputs = data.few_x.shape
    w = network(seeds, inputs, options.hidden, generator)
    take = torch.arange(seeds).unsqueeze(1)
    batch = min(options.batch, rows)
    error = lambda x: (forward(w, x) - forward(teacher, x)).square().mean((1, 2)).sum()

    def climb(x):
        with torch.no_grad():
            for _ in range(options.climb):
                up = (forward(teacher, x) - forward(w, x)) * (slope(teacher, x) - slope(w, x))
                x = x + options.stride * torch.nn.functional.normalize(up, dim=2)
        return x

    def loss(_):
        i = torch.randint(rows, (seeds, batch), generator=generator)
        x = data.few_x[take, i]
        if not matched:
            return error(x)
        if options.perturbation == 'gaussian':
            near = x + options.sigma * torch.randn(x.shape, generator=generator)
        else:
            other = data.few_x[take, torch.randint(rows, (seeds, batch), generator=generator)]
            u = torch.rand(seeds, batch, 1, generator=generator)
            near = u * x + (1 - u) * other
        far = climb(x)
        total = error(x) + options.pm * error(near) + options.abm * error(far)
        if options.gm > 0:
            points = torch.cat([x, near, far], 1)
            apart = slope(w, points) - slope(teacher, points)
            total = total + options.gm * apart.square().sum(2).mean(1).sum()
        return total

    fit(w, loss, options.steps, options.rate, options.optimizer)
    return w


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('tables', type=pathlib.Path)
    parser.add_argument('names', type=lambda text: text.split(','))
    for name, value in SETTINGS.items():
        parser.add_argument('--' + name.replace('_', '-'), type=type(value), default=value)
    parser.add_argument('--vary', action='append', default=[])
    options = parser.parse_args()
    torch.set_num_threads(1)
    cases = [{}]
    for text in options.vary:
        name, values = text.split('=')
        kind = type(SETTINGS[name])
        cases = [{**case, name: kind(value)} for case in cases for value in values.split(',')]
    print('| table | setting | teacher | base | matched | of the gap | seconds |')
    print('|---|---|---:|---:|---:|---:|---:|')
    for name in options.names:
        torch.manual_seed(0)
        data = Data(options.tables, name, options)
        teacher = teachers(data, options)
        bases = {}
        for case in cases:
            own = argparse.Namespace(**{**vars(options), **case})
            started = time.time()
            key = (own.hidden, own.steps, own.batch, own.rate, own.optimizer)
            if key not in bases:
                bases[key] = rmse(student(teacher, data, own, False), data).mean().item()
            base, top = bases[key], rmse(teacher, data).mean().item()
            matched = rmse(student(teacher, data, own, True), data).mean().item()
            share = (base - matched) / (base - top)
            setting = ' '.join(f'{k}={v}' for k, v in case.items()) or 'defaults'
            numbers = f'{top:.4f} | {base:.4f} | {matched:.4f} | {100 * share:.0f} % | {time.time() - started:.0f}'
            print(f'| {name} | {setting} | {numbers} |', flush=True)


main()
