#!/usr/bin/python3
"""How the defaults of `distill --data eyes` were chosen: a simulation in PyTorch of what train/ implements.

Independent of Limbeck but for the pictures and labels, which eyes-data.ts writes with the library's renderer: random
numbers, networks and errors are its own. Weights in float32; masks and errors in float64.

`/usr/bin/python3 docs/tuning/eyes.py FOLDER LEVEL… [--NAME VALUE…]` prints the tables of eyes.md for the chosen label errors in
degrees, over the seeds that FOLDER holds; NAME is a setting below. It wants Debian's python3-torch and, for each level
and seed, about half a minute of one core.
"""
import argparse
import math
import pathlib
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

SETTINGS = dict(
    teacher='lenet:0.5',
    student='lenet:0.125',
    rows=20000,
    batch=64,
    teacher_epochs=5.0,
    epochs=5.0,
    teacher_rate=0.005,
    rate=0.005,
    deviations=3.0,
    eps=1.0,
    teacher_weight=1.0,
    methods='scratch,tor-dual,tor,imitation,scratch-huber',
)
T_QUANTILES = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}  # 95 %
TEACHER_SEED = 2**32


class Data:
    """A seed's pictures, and its labels with errors of `level` degrees, standardised by the training rows."""

    def __init__(self, folder, level, rows):
        read = lambda name: np.load(folder / f'{name}.npy')
        pixels, self.outlier, label = (read(f'train-{k}')[:rows] for k in ('pixels', 'outlier', f'label-{level}'))
        label, head = label.astype(float), read('train-head')[:rows].astype(float)
        images = lambda bytes: torch.tensor((bytes - pixels.mean()) / pixels.std()).float().unsqueeze(1)
        heads = lambda values: torch.tensor((values - head.mean(0)) / head.std(0)).float()
        self.mean, self.deviation = label.mean(0), label.std(0)
        self.label = torch.tensor((label - self.mean) / self.deviation).float()
        self.inputs = images(pixels), heads(head)
        self.test_inputs = images(read('test-pixels')), heads(read('test-head'))
        self.test_truth = read('test-truth').astype(float)

    def test_error(self, network):
        """Mean angular error in degrees."""
        return self.error_of(predict(network, self.test_inputs).double().numpy())

    def error_of(self, standardised):
        u, v = vectors(standardised * self.deviation + self.mean), vectors(self.test_truth)
        return np.degrees(np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), (u * v).sum(1))).mean()


def vectors(angles):
    pitch, yaw = angles.T
    return np.stack([-np.cos(pitch) * np.sin(yaw), -np.sin(pitch), -np.cos(pitch) * np.cos(yaw)], 1)


class LeNet(nn.Module):
    """models/lenet.ts with two outputs a head and the head pose before the last layer."""

    def __init__(self, spec, size, seed, heads=1):
        super().__init__()
        torch.manual_seed(seed)
        first, second, features = (math.floor(n * float(spec.removeprefix('lenet:')) + 0.5) for n in (20, 50, 500))
        rows, columns = (((n - 4) // 2 - 4) // 2 for n in size)
        self.conv1, self.conv2 = nn.Conv2d(1, first, 5), nn.Conv2d(first, second, 5)
        self.linear = nn.Linear(second * rows * columns, features)
        self.heads = nn.ModuleList(nn.Linear(features + 2, 2) for _ in range(heads))
        nn.init.normal_(self.conv1.weight, 0, 0.1)
        nn.init.normal_(self.conv2.weight, 0, 0.01)
        for layer in (self.linear, *self.heads):
            nn.init.xavier_uniform_(layer.weight)
        for layer in (self.conv1, self.conv2, self.linear, *self.heads):
            nn.init.zeros_(layer.bias)

    def forward(self, images, head):
        x = functional.max_pool2d(self.conv1(images), 2)
        x = functional.max_pool2d(self.conv2(x), 2).flatten(1)
        features = torch.cat([torch.relu(self.linear(x)), head], 1)
        return [layer(features) for layer in self.heads]


@torch.no_grad()
def predict(network, inputs):
    return torch.cat([network(*batch)[0] for batch in zip(*(x.split(500) for x in inputs))])


def train(network, data, loss, *, epochs, batch, rate, seed):
    """Adam with a cosine to zero; a batch may run over the end of an epoch."""
    count = len(data.label)
    steps = round(epochs * count / batch)
    random = torch.Generator().manual_seed(seed)
    order = torch.cat([torch.randperm(count, generator=random) for _ in range(math.ceil(epochs) + 1)])
    optimizer = torch.optim.Adam(network.parameters(), rate)
    for step in range(steps):
        optimizer.param_groups[0]['lr'] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        rows = order[step * batch : (step + 1) * batch]
        value = loss(network(*(x[rows] for x in data.inputs)), rows)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()


def loss_of(method, data, told, outlier, given):
    """From predictions of the heads, and rows, to the mean loss."""
    mse = functional.mse_loss

    def tor(pred, rows):
        branch = ((pred - told[rows]) ** 2 + given.eps**2) ** 0.25
        return torch.where(outlier[rows], branch, (pred - data.label[rows]) ** 2).mean()

    return {
        'scratch': lambda heads, rows: mse(heads[0], data.label[rows]),
        'scratch-huber': lambda heads, rows: functional.huber_loss(heads[0], data.label[rows]),
        'imitation': lambda heads, rows: mse(heads[0], told[rows]),
        'tor': lambda heads, rows: tor(heads[0], rows),
        'tor-dual': lambda heads, rows: tor(heads[0], rows) + given.teacher_weight * mse(heads[1], told[rows]),
    }[method]


def study(folder, level, given):
    """Test errors of the teacher and the students, and how good the mask is."""
    started, seed, data = time.time(), int(folder.name), Data(folder, level, given.rows)
    size = data.inputs[0].shape[2:]
    teacher = LeNet(given.teacher, size, seed + TEACHER_SEED)
    settings = dict(epochs=given.teacher_epochs, rate=given.teacher_rate, batch=given.batch)
    train(teacher, data, loss_of('scratch', data, None, None, given), seed=seed + TEACHER_SEED, **settings)
    told = predict(teacher, data.inputs)
    residuals = (data.label - told).abs().double().numpy()
    outlier = residuals > given.deviations * 1.4826 * np.median(residuals, 0)
    gross = data.outlier > 0
    result = {
        'always the mean': data.error_of(np.zeros_like(data.test_truth)),
        'teacher': data.test_error(teacher),
        'flagged': outlier.mean(),
        'recall': outlier[gross].mean(),
        'precision': outlier[gross].sum() / outlier.sum(),
    }
    for method in given.methods.split(','):
        student = LeNet(given.student, size, seed, heads=2 if method == 'tor-dual' else 1)
        settings = dict(epochs=given.epochs, rate=given.rate, batch=given.batch, seed=seed)
        train(student, data, loss_of(method, data, told, torch.tensor(outlier), given), **settings)
        result[method] = data.test_error(student)
    told_so = ', '.join(f'{name} {value:.3f}' for name, value in result.items())
    print(f'{time.time() - started:.0f} s: {level}°, seed {seed}: {told_so}', file=sys.stderr, flush=True)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('levels', type=int, nargs='+')
    for name, value in SETTINGS.items():
        parser.add_argument(f'--{name.replace("_", "-")}', type=type(value), default=value)
    given = parser.parse_args()
    torch.set_num_threads(1)
    folders = sorted(given.folder.iterdir())
    if len(folders) not in T_QUANTILES:
        parser.error(f'{given.folder} holds {len(folders)} seeds; wants 2 to 10')
    for level in given.levels:
        results = [study(folder, level, given) for folder in folders]
        columns = {name: np.array([result[name] for result in results]) for name in results[0]}
        print(f'\n| label error {level}° | mean | less scratch |\n| --- | --- | --- |')
        for name, values in columns.items():
            cell = ''
            if name in ('teacher', *given.methods.split(',')) and name != 'scratch':
                less = values - columns['scratch']
                half = T_QUANTILES[len(less)] * less.std(ddof=1) / math.sqrt(len(less))
                cell = f'{less.mean():+.3f} ± {half:.3f}'
            print(f'| {name} | {values.mean():.3f} | {cell} |', flush=True)


if __name__ == '__main__':
    main()
