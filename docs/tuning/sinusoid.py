#!/usr/bin/python3
"""How the default protocol of `distill` was chosen: a simulation in PyTorch of what train/ implements.

Independent of Limbeck: it reads none of its code or results and has random numbers of its own. What it shares with
train/ is the protocol, whose numbers stand below as in train/option-list.ts. Data, statistics and errors are in
float64, networks in float32. All networks of a kind train together, stacked: one for each seed and noise level.

    /usr/bin/python3 docs/tuning/sinusoid.py              all tables, into docs/tuning/sinusoid.md
    /usr/bin/python3 docs/tuning/sinusoid.py rules modes  these only; the others in the page stay

Wants Debian's python3-torch. All tables together take about ten minutes of one core. Every table is written when it
is finished; progress goes to stderr.
"""
import datetime
import functools
import math
import pathlib
import re
import sys
import time
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import torch

SEEDS = range(1000, 1020)  # the tuning seeds; reported results use others
NOISE = (0.0, 0.1, 0.2, 0.4)
ROWS, TEST_ROWS, FREQUENCY, GAUSSIAN, OUTLIER_SIZE = 500, 1000, 1.0, 0.1, 3.0
BATCH = 128
TEACHER_WIDTH, TEACHER_EPOCHS, TEACHER_RATE = 100, 256, 1e-2
STUDENT_WIDTH, STUDENT_EPOCHS = 16, 768
FOLDS, READINGS = 5, 40
EPS = {'sqrt': 1e-3, 'smooth': 1.0}
T_QUANTILE = {10: 2.2622, 20: 2.0930}  # of Student's t, two-sided 95 %, for so many seeds

DATA, ORDER, STUDENT, TEACHER = range(4)  # streams of random numbers; fold k of a teacher has TEACHER + k


class Student(NamedTuple):
    """What a student is trained with."""

    method: str = 'tor-dual'
    branch: str = 'smooth'
    teacher_weight: float = 1.0
    rate: float = 1e-2
    mode: str = 'plain'
    seeds: int = len(SEEDS)


# Data: arrays (networks, rows), a row for each noise level and seed, the seeds of a noise level together.


@functools.lru_cache(None)
def make_data(seeds):
    """Noise levels differ in how many labels are contaminated; points and noise are the same."""
    fields = {name: [] for name in ('x', 'label', 'outlier', 'test_x', 'clean', 'mean', 'deviation')}
    for noise in NOISE:
        for seed in SEEDS[:seeds]:
            random = np.random.default_rng([seed, DATA])
            x, chance = random.uniform(-1, 1, ROWS), random.uniform(0, 1, ROWS)
            gaussian, off = random.normal(0, GAUSSIAN, ROWS), random.uniform(-OUTLIER_SIZE, OUTLIER_SIZE, ROWS)
            test_x = random.uniform(-1, 1, TEST_ROWS)
            outlier = chance < noise
            y = np.sin(2 * np.pi * FREQUENCY * x) + gaussian + outlier * off
            fields['x'].append((x - x.mean()) / x.std())
            fields['test_x'].append((test_x - x.mean()) / x.std())
            fields['label'].append((y - y.mean()) / y.std())
            fields['outlier'].append(outlier)
            fields['clean'].append(np.sin(2 * np.pi * FREQUENCY * test_x))
            fields['mean'].append([y.mean()])
            fields['deviation'].append([y.std()])
    data = {name: np.array(values) for name, values in fields.items()}
    for name in ('x', 'label', 'test_x'):
        data[name] = torch.tensor(data[name], dtype=torch.float32)
    return SimpleNamespace(**data)


def rmse(data, predictions):
    """(noise levels, seeds), in the data's own units, to the clean function."""
    errors = predictions.double().numpy() * data.deviation + data.mean - data.clean
    return np.sqrt((errors**2).mean(1)).reshape(len(NOISE), -1)


# Networks: weights and biases in turn, (networks, inputs, outputs) and (networks, 1, outputs).


def networks(seeds, width, stream, heads=1):
    """1-width-width-heads. The teacher head is drawn last: trunk and label head are the same with and without it."""
    layers = [(1, width), (width, width)] + [(width, 1)] * heads
    drawn = []
    for seed in SEEDS[:seeds]:
        random = np.random.default_rng([seed, stream])
        shapes = [((inputs, out), (1, out)) for inputs, out in layers]
        drawn.append([random.uniform(-1, 1, shape) / math.sqrt(pair[0][0]) for pair in shapes for shape in pair])
    stacks = [torch.tensor(np.stack(values), dtype=torch.float32) for values in zip(*drawn)]
    return [values.repeat(len(NOISE), 1, 1).requires_grad_() for values in stacks]


def forward(parameters, x):
    """A prediction for each head."""
    hidden = torch.tanh(x[..., None] * parameters[0] + parameters[1])
    hidden = torch.tanh(torch.baddbmm(parameters[3], hidden, parameters[2]))
    return [torch.baddbmm(b, hidden, w)[..., 0] for w, b in zip(parameters[4::2], parameters[5::2])]


def epochs(seeds, rows, steps, stream):
    """Batches (steps, networks, BATCH), without replacement, running on over the ends of epochs."""
    orders = []
    for seed in SEEDS[:seeds]:
        random = np.random.default_rng([seed, ORDER, stream])
        rounds = [random.permutation(rows) for _ in range(math.ceil(steps * BATCH / rows))]
        orders.append(np.concatenate(rounds)[: steps * BATCH].reshape(steps, BATCH))
    return torch.tensor(np.stack(orders, 1)).repeat(1, len(NOISE), 1)


def train(parameters, batches, rate, loss, reading=None):
    """Adam, with a cosine from `rate` to 0. `loss` gives a number for each network and sample."""
    steps = len(batches)
    optimizer = torch.optim.Adam(parameters, lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 0.5 * (1 + math.cos(math.pi * t / steps)))
    for step, rows in enumerate(batches, 1):
        optimizer.zero_grad(set_to_none=True)
        loss(rows).mean(1).sum().backward()
        optimizer.step()
        schedule.step()
        if reading and (step % math.ceil(steps / READINGS) == 0 or step == steps):
            with torch.no_grad():
                reading()


# The teacher.


@functools.lru_cache(None)
def teacher(mode, seeds):
    """Predictions for the training rows, for mask and target, and the error on the test rows."""
    started, data = time.time(), make_data(seeds)
    order = np.stack([np.random.default_rng([seed, ORDER]).permutation(ROWS) for seed in SEEDS[:seeds]])
    order = torch.tensor(order).repeat(len(NOISE), 1)
    places = np.arange(ROWS)
    held_out = {
        'plain': [places < 0],
        'early-stopping': [places < ROWS // 5],
        'out-of-fold': [places % FOLDS == k for k in range(FOLDS)],
    }[mode]
    predictions, tests = torch.zeros_like(data.label), []
    for k, is_held in enumerate(held_out):
        kept, held = order[:, ~is_held], order[:, is_held]
        parameters = networks(seeds, TEACHER_WIDTH, TEACHER + k)
        best = SimpleNamespace(error=torch.full((len(order),), math.inf), weights=[p.detach().clone() for p in parameters])

        def loss(batch):
            rows = kept.gather(1, batch)
            return (forward(parameters, data.x.gather(1, rows))[0] - data.label.gather(1, rows)) ** 2

        def keep_best():
            pred = forward(parameters, data.x.gather(1, held))[0]
            error = ((pred - data.label.gather(1, held)) ** 2).mean(1)
            better = error < best.error
            best.error[better] = error[better]
            for copy, values in zip(best.weights, parameters):
                copy[better] = values[better]

        steps = round(TEACHER_EPOCHS * kept.shape[1] / BATCH)
        batches = epochs(seeds, kept.shape[1], steps, TEACHER + k)
        is_early = mode == 'early-stopping'
        train(parameters, batches, TEACHER_RATE, loss, keep_best if is_early else None)
        with torch.no_grad():
            weights = best.weights if is_early else parameters
            pred = forward(weights, data.x)[0]
            rows = held if mode == 'out-of-fold' else order
            predictions.scatter_(1, rows, pred.gather(1, rows))
            tests.append(forward(weights, data.test_x)[0])
    error = rmse(data, sum(tests) / len(tests))
    log(f'teacher {mode}, {seeds} seeds', error, started)
    return SimpleNamespace(predictions=predictions, rmse=error)


# The mask: residuals (networks, rows) to thresholds (networks, 1).


def mad(r):
    return 3 * 1.4826 * np.median(r, 1, keepdims=True)


def zscore(r, z=2):
    return r.mean(1, keepdims=True) + z * r.std(1, ddof=1, keepdims=True)


def iterative(r):
    """`zscore` with 3 on what it kept, five rounds."""
    kept = np.ma.array(r, mask=np.zeros_like(r, dtype=bool))
    for _ in range(5):
        threshold = zscore(kept, 3).filled()
        kept = np.ma.array(r, mask=r > threshold)
    return threshold


def outliers(mode, seeds, rule=mad):
    residuals = np.abs((make_data(seeds).label - teacher(mode, seeds).predictions).double().numpy())
    return residuals > rule(residuals)


# The students.


def branch_loss(branch, u):
    if branch == 'sqrt':
        return torch.sqrt(u.abs() + EPS['sqrt'])
    if branch == 'smooth':
        return (u * u + EPS['smooth'] ** 2) ** 0.25
    return {'square': u * u, 'drop': 0 * u}[branch]


@functools.lru_cache(None)
def student(given):
    """Error of the label head."""
    data, told = make_data(given.seeds), teacher(given.mode, given.seeds).predictions
    rejected = torch.tensor(outliers(given.mode, given.seeds))
    is_dual = given.method == 'tor-dual'
    parameters = networks(given.seeds, STUDENT_WIDTH, STUDENT, heads=2 if is_dual else 1)

    def loss(rows):
        pred, *other = forward(parameters, data.x.gather(1, rows))
        label, target = data.label.gather(1, rows), told.gather(1, rows)
        if given.method == 'scratch':
            return (pred - label) ** 2
        if given.method == 'scratch-huber':
            return torch.nn.functional.huber_loss(pred, label, reduction='none', delta=1.0)
        if given.method == 'imitation':
            return (pred - target) ** 2
        per_sample = torch.where(rejected.gather(1, rows), branch_loss(given.branch, pred - target), (pred - label) ** 2)
        return per_sample + given.teacher_weight * (other[0] - target) ** 2 if is_dual else per_sample

    started, steps = time.time(), round(STUDENT_EPOCHS * ROWS / BATCH)
    train(parameters, epochs(given.seeds, ROWS, steps, STUDENT), given.rate, loss)
    with torch.no_grad():
        error = rmse(data, forward(parameters, data.test_x)[0])
    log(str(given), error, started)
    return error


# The tables.


def table(first, rows):
    head = [first, *(f'noise {noise:g}' for noise in NOISE)]
    return '\n'.join('| ' + ' | '.join(row) + ' |' for row in [head, ['---'] * len(head), *rows])


def means(name, errors):
    return [name, *(f'{mean:.4f}' for mean in errors.mean(1))]


def difference(name, errors, base, has_mean=True):
    """Mean over the seeds of errors - base, with the half-width of its 95 % interval."""
    cells = []
    for mean, of_seeds in zip(errors.mean(1), errors - base):
        half = T_QUANTILE[len(of_seeds)] * of_seeds.std(ddof=1) / math.sqrt(len(of_seeds))
        text = f'{of_seeds.mean():+.4f} ± {half:.4f}'
        cells.append(f'{mean:.4f} ({text})' if has_mean else text)
    return [name, *cells]


def mask_rows(name, rejected, outlier):
    """Means over seeds; without contaminated labels, precision and recall mean nothing."""

    def cells(hits, of, is_defined=lambda noise: noise > 0):
        shares = (hits.sum(1) / np.maximum(of.sum(1), 1)).reshape(len(NOISE), -1).mean(1)
        return [f'{share:.3f}' if is_defined(noise) else '–' for share, noise in zip(shares, NOISE)]

    hits = rejected & outlier
    flagged = cells(rejected, np.ones_like(rejected), lambda noise: True)
    return [
        [f'{name}, precision', *cells(hits, rejected)],
        [f'{name}, recall', *cells(hits, outlier)],
        [f'{name}, flagged', *flagged],
    ]


def rate_table():
    return table('learning rate', [means(f'{rate:g}', student(Student('scratch', rate=rate))) for rate in (0.005, 0.01, 0.02)])


def branch_table():
    scratch = student(Student('scratch'))
    branches = ('sqrt', 'smooth', 'square', 'drop')
    runs = {name: student(Student(name)) for name in ('scratch-huber', 'imitation')}
    runs.update({f'{m}, {b}': student(Student(m, b)) for m in ('tor', 'tor-dual') for b in branches})
    rows = [means('teacher', teacher('plain', len(SEEDS)).rmse), means('scratch', scratch)]
    rows += [difference(name, errors, scratch) for name, errors in runs.items()]
    pairs = [('tor, drop', 'tor, smooth'), ('tor-dual, drop', 'tor-dual, smooth'), ('tor-dual, smooth', 'tor, smooth')]
    pairs += [('tor-dual, sqrt', 'scratch-huber'), ('tor-dual, smooth', 'scratch-huber')]
    paired = [difference(f'{a} - {b}', runs[a], runs[b], has_mean=False) for a, b in pairs]
    return table('method, branch', rows) + '\n\nBetween methods, paired:\n\n' + table('difference', paired)


def weight_table():
    scratch = student(Student('scratch'))
    weights = (0.1, 0.3, 1.0, 3.0)
    return table('weight', [difference(f'{w:g}', student(Student(teacher_weight=w)), scratch) for w in weights])


def mode_table():
    seeds, modes = 10, ('plain', 'early-stopping', 'out-of-fold')
    scratch, outlier = student(Student('scratch', seeds=seeds)), make_data(seeds).outlier
    rows = [means('scratch', scratch)] + [means(f'teacher, {mode}', teacher(mode, seeds).rmse) for mode in modes]
    rows += [difference(f'tor-dual, {mode}', student(Student(mode=mode, seeds=seeds)), scratch) for mode in modes]
    masks = [row for mode in modes for row in mask_rows(mode, outliers(mode, seeds), outlier)]
    return table('network', rows) + '\n\nThe masks (`mad`, 3):\n\n' + table('mode', masks)


def rule_table():
    seeds, rules = len(SEEDS), {'mad 3': mad, 'zscore 2': zscore, 'iterative 3': iterative}
    outlier = make_data(seeds).outlier
    return table('rule', [row for n, rule in rules.items() for row in mask_rows(n, outliers('plain', seeds, rule), outlier)])


# The page.

TABLES = {
    'rates': ('Learning rate of scratch', rate_table, 20),
    'branches': ('Outlier branches', branch_table, 20),
    'weights': ("Weight of tor-dual's teacher head", weight_table, 20),
    'modes': ('Teacher modes', mode_table, 10),
    'rules': ('Rules of the mask', rule_table, 20),
}

INTRODUCTION = """# The sinusoid's defaults

Written by [sinusoid.py](sinusoid.py), an independent simulation in PyTorch, in float32 (data and errors in float64),
of the protocol that `train/` implements. **It is not Limbeck's own run**: random numbers, and so the fourth digit,
are others. Its purpose is to choose defaults, on seeds that no reported result uses.

Defaults unless a table says otherwise: 500 training rows, f(x) = sin(2πx), Gaussian noise 0.1, outliers U[-3, 3],
teacher 1-100-100-1 with 1000 steps, students 1-16-16-1 with 3000 steps, tanh, batches of 128, Adam at 0.01 with a
cosine to 0, rule `mad` with 3 deviations, branch `smooth` with eps 1 (`sqrt`: 1e-3), teacher weight 1. Errors are
means over the seeds of the RMSE to the clean function on 1000 test rows. In brackets: the difference to `scratch`,
paired by seed, and the half-width of its 95 % t-interval. Intervals are not corrected for their number."""

PAGE = pathlib.Path(__file__).with_suffix('.md')


def log(what, error, started):
    print(f'{time.time() - started:.0f} s: {what}', error.mean(1).round(4), file=sys.stderr, flush=True)


def write(name, text):
    """Replaces one section of the page; the order is that of TABLES."""
    old = PAGE.read_text() if PAGE.exists() else ''
    sections = dict(re.findall(r'^## (.+?)\n\n(.+?)(?=\n+## |\s*\Z)', old, re.M | re.S))
    title, _, seeds = TABLES[name]
    made = f'torch {torch.__version__}, {datetime.date.today()}, seeds {SEEDS[0]} to {SEEDS[seeds - 1]}'
    sections[title] = f'*{made}*\n\n{text}'
    titles = [title for title, *_ in TABLES.values() if title in sections]
    PAGE.write_text('\n\n'.join([INTRODUCTION] + [f'## {title}\n\n{sections[title]}' for title in titles]) + '\n')


if __name__ == '__main__':
    torch.set_num_threads(1)
    unknown = set(sys.argv[1:]) - set(TABLES)
    if unknown:
        sys.exit(f"no table {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    for chosen in sys.argv[1:] or TABLES:
        write(chosen, TABLES[chosen][1]())
