#!/usr/bin/python3
"""How the default protocol of `distill` was chosen: a simulation in PyTorch of what train/ implements.

Independent of Limbeck: it reads none of its code or results and has random numbers of its own. What it shares with
train/ is the protocol, whose numbers stand below as in train/option-list.ts. Data, masks and errors are in float64,
networks in float32. The networks of a kind train together, stacked: one for each noise level and seed.

`/usr/bin/python3 docs/tuning/sinusoid.py` writes docs/tuning/sinusoid.md, table by table; progress goes to stderr. It
wants Debian's python3-torch and about ten minutes of one core.
"""
import datetime
import functools
import math
import pathlib
import sys
import time
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import torch

SEEDS = range(1000, 1020)  # the tuning seeds; reported results use others
T_QUANTILE = 2.0930  # of Student's t, two-sided 95 %, 19 degrees of freedom
NOISE = (0.0, 0.1, 0.2, 0.4)
ROWS, TEST_ROWS, FREQUENCY, GAUSSIAN, OUTLIER_SIZE = 500, 1000, 1.0, 0.1, 3.0
BATCH = 128
TEACHER_WIDTH, TEACHER_EPOCHS, TEACHER_RATE = 100, 256, 0.01
STUDENT_WIDTH, STUDENT_EPOCHS = 16, 768
FOLDS, READINGS = 5, 40
EPS = {'sqrt': 1e-3, 'smooth': 1.0}
DATA, ORDER, STUDENT, TEACHER = range(4)  # streams of random numbers; fold k of a teacher has TEACHER + k


class Student(NamedTuple):
    method: str = 'tor-dual'
    branch: str = 'smooth'
    teacher_weight: float = 1.0
    rate: float = 0.01
    teacher_mode: str = 'plain'


@functools.lru_cache(None)
def make_data():
    """Arrays (networks, rows), a noise level's seeds together. Noise levels share points and Gaussian noise."""
    sets = []
    for noise in NOISE:
        for seed in SEEDS:
            random = np.random.default_rng([seed, DATA])
            x, chance = random.uniform(-1, 1, ROWS), random.uniform(0, 1, ROWS)
            gaussian, off = random.normal(0, GAUSSIAN, ROWS), random.uniform(-OUTLIER_SIZE, OUTLIER_SIZE, ROWS)
            test_x, outlier = random.uniform(-1, 1, TEST_ROWS), chance < noise
            y = np.sin(2 * np.pi * FREQUENCY * x) + gaussian + outlier * off
            inputs = dict(x=(x - x.mean()) / x.std(), test_x=(test_x - x.mean()) / x.std())
            label, clean = (y - y.mean()) / y.std(), np.sin(2 * np.pi * FREQUENCY * test_x)
            targets = dict(label=label, outlier=outlier, clean=clean, mean=[y.mean()], deviation=[y.std()])
            sets.append({**inputs, **targets})
    data = {name: np.array([one[name] for one in sets]) for name in sets[0]}
    return SimpleNamespace(**data, **{f'{k}32': torch.tensor(data[k]).float() for k in ('x', 'label', 'test_x')})


def rmse(predictions):
    """To the clean function, in the data's own units: (noise levels, seeds)."""
    data = make_data()
    errors = predictions.double().numpy() * data.deviation + data.mean - data.clean
    return np.sqrt((errors**2).mean(1)).reshape(len(NOISE), len(SEEDS))


def networks(width, stream, heads=1):
    """1-width-width-heads: weights and biases in turn, U(±1/√inputs). The teacher head is drawn last, so trunk and
    label head are the same with and without it."""
    drawn = []
    for seed in SEEDS:
        random = np.random.default_rng([seed, stream])
        layers = [(1, width), (width, width)] + [(width, 1)] * heads
        shapes = [(inputs, shape) for inputs, outputs in layers for shape in ((inputs, outputs), (1, outputs))]
        drawn.append([random.uniform(-1, 1, shape) / math.sqrt(inputs) for inputs, shape in shapes])
    stacks = [torch.tensor(np.stack(values)).float() for values in zip(*drawn)]
    return [values.repeat(len(NOISE), 1, 1).requires_grad_() for values in stacks]


def forward(parameters, x):
    """A prediction for each head."""
    hidden = torch.tanh(x[..., None] * parameters[0] + parameters[1])
    hidden = torch.tanh(torch.baddbmm(parameters[3], hidden, parameters[2]))
    return [torch.baddbmm(b, hidden, w)[..., 0] for w, b in zip(parameters[4::2], parameters[5::2])]


def train(parameters, loss, rows, epochs, rate, stream, reading=None):
    """Adam with a cosine from `rate` to 0, on batches without replacement that run on over the ends of epochs. `loss`
    gives a number for each network and sample."""
    steps, orders = round(epochs * rows / BATCH), []
    for seed in SEEDS:
        random = np.random.default_rng([seed, ORDER, stream])
        orders.append(np.concatenate([random.permutation(rows) for _ in range(epochs + 1)])[: steps * BATCH])
    batches = torch.tensor(np.stack(orders)).reshape(len(SEEDS), steps, BATCH).repeat(len(NOISE), 1, 1)
    optimizer = torch.optim.Adam(parameters, lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 0.5 * (1 + math.cos(math.pi * t / steps)))
    for step in range(1, steps + 1):
        optimizer.zero_grad(set_to_none=True)
        loss(batches[:, step - 1]).mean(1).sum().backward()
        optimizer.step()
        schedule.step()
        if reading and (step % math.ceil(steps / READINGS) == 0 or step == steps):
            reading()


@functools.lru_cache(None)
def teacher(mode):
    """Predictions for the training rows, for mask and target, and the error of its mean over folds."""
    started, data, places = time.time(), make_data(), np.arange(ROWS)
    order = torch.tensor(np.stack([np.random.default_rng([seed, ORDER]).permutation(ROWS) for seed in SEEDS]))
    order = order.repeat(len(NOISE), 1)
    folds = {'plain': [places < 0], 'early-stopping': [places < ROWS // 5]}
    folds['out-of-fold'] = [places % FOLDS == k for k in range(FOLDS)]
    predictions, tests = torch.zeros_like(data.label32), []
    for k, is_held in enumerate(folds[mode]):
        kept, held = order[:, ~is_held], order[:, is_held]
        weights = networks(TEACHER_WIDTH, TEACHER + k)
        best, least = [values.detach().clone() for values in weights], torch.full((len(order),), math.inf)

        def errors(rows):
            return (forward(weights, data.x32.gather(1, rows))[0] - data.label32.gather(1, rows)) ** 2

        @torch.no_grad()
        def keep_best():
            error = errors(held).mean(1)
            better = error < least
            for copy, values in zip([least, *best], [error, *weights]):
                copy[better] = values[better]

        reading = keep_best if mode == 'early-stopping' else None
        batch_errors = lambda batch: errors(kept.gather(1, batch))
        train(weights, batch_errors, kept.shape[1], TEACHER_EPOCHS, TEACHER_RATE, TEACHER + k, reading)
        with torch.no_grad():
            last = best if reading else weights
            rows = held if mode == 'out-of-fold' else order
            predictions.scatter_(1, rows, forward(last, data.x32)[0].gather(1, rows))
            tests.append(forward(last, data.test_x32)[0])
    error = rmse(sum(tests) / len(tests))
    log(f'teacher {mode}', error, started)
    return SimpleNamespace(predictions=predictions, rmse=error)


def mad(r):
    """Thresholds (networks, 1) of residuals (networks, rows), as the other rules."""
    return 3 * 1.4826 * np.median(r, 1, keepdims=True)


def zscore(r, deviations=2):
    return r.mean(1, keepdims=True) + deviations * r.std(1, ddof=1, keepdims=True)


def iterative(r):
    """`zscore` with 3 on what it kept, five rounds."""
    threshold = np.inf
    for _ in range(5):
        threshold = zscore(np.ma.array(r, mask=r > threshold), 3).filled()
    return threshold


def rejected(mode='plain', rule=mad):
    residuals = np.abs(make_data().label - teacher(mode).predictions.double().numpy())
    return residuals > rule(residuals)


def branch_loss(branch, u):
    if branch == 'sqrt':
        return torch.sqrt(u.abs() + EPS['sqrt'])
    if branch == 'smooth':
        return (u * u + EPS['smooth'] ** 2) ** 0.25
    return {'square': u * u, 'drop': 0 * u}[branch]


@functools.lru_cache(None)
def student(given):
    """Error of the label head."""
    started, data = time.time(), make_data()
    told, mask = teacher(given.teacher_mode).predictions, torch.tensor(rejected(given.teacher_mode))
    is_dual = given.method == 'tor-dual'
    weights = networks(STUDENT_WIDTH, STUDENT, heads=2 if is_dual else 1)

    def loss(rows):
        pred, *teacher_pred = forward(weights, data.x32.gather(1, rows))
        label, target = data.label32.gather(1, rows), told.gather(1, rows)
        if given.method == 'scratch':
            return (pred - label) ** 2
        if given.method == 'scratch-huber':
            return torch.nn.functional.huber_loss(pred, label, reduction='none', delta=1.0)
        if given.method == 'imitation':
            return (pred - target) ** 2
        tor = torch.where(mask.gather(1, rows), branch_loss(given.branch, pred - target), (pred - label) ** 2)
        return tor + given.teacher_weight * (teacher_pred[0] - target) ** 2 if is_dual else tor

    train(weights, loss, ROWS, STUDENT_EPOCHS, given.rate, STUDENT)
    with torch.no_grad():
        error = rmse(forward(weights, data.test_x32)[0])
    log(given, error, started)
    return error


def log(what, error, started):
    print(f'{time.time() - started:.0f} s: {what}', error.mean(1).round(4), file=sys.stderr, flush=True)


def table(first, rows):
    head = [first, *(f'noise {noise:g}' for noise in NOISE)]
    return '\n'.join(f"| {' | '.join(row)} |" for row in [head, ['---'] * len(head), *rows])


def means(name, errors):
    return [name, *(f'{mean:.4f}' for mean in errors.mean(1))]


def difference(name, errors, base):
    """Mean over the seeds of errors - base, and the half-width of its 95 % interval."""
    half = T_QUANTILE * (errors - base).std(1, ddof=1) / math.sqrt(len(SEEDS))
    return [name, *(f'{mean:+.4f} ± {width:.4f}' for mean, width in zip((errors - base).mean(1), half))]


def both(name, errors, base):
    pairs = zip(means(name, errors)[1:], difference(name, errors, base)[1:])
    return [name, *(f'{mean} ({change})' for mean, change in pairs)]


def mask_rows(name, mask):
    """Means over the seeds, of precision over those in which a label is rejected; neither it nor recall means anything
    without contaminated labels."""
    outlier = make_data().outlier
    of = {'precision': mask, 'recall': outlier, 'flagged': np.ones_like(mask)}
    rows = []
    for what, base in of.items():
        hits = mask if what == 'flagged' else mask & outlier
        shares = np.ma.array(hits.sum(1) / np.maximum(base.sum(1), 1), mask=base.sum(1) == 0)
        shares = shares.reshape(len(NOISE), len(SEEDS)).mean(1).filled(np.nan)
        cells = ['–' if noise == 0 and what != 'flagged' else f'{share:.3f}' for share, noise in zip(shares, NOISE)]
        rows.append([f'{name}, {what}', *cells])
    return rows


def rates():
    runs = {rate: student(Student('scratch', rate=rate)) for rate in (0.005, 0.01, 0.02)}
    return table('learning rate', [both(str(rate), errors, runs[0.01]) for rate, errors in runs.items()])


def branches():
    scratch = student(Student('scratch'))
    runs = {name: student(Student(name)) for name in ('scratch-huber', 'imitation')}
    for method in ('tor', 'tor-dual'):
        runs.update({f'{method} {b}': student(Student(method, b)) for b in ('sqrt', 'smooth', 'square', 'drop')})
    rows = [means('teacher', teacher('plain').rmse), means('scratch', scratch)]
    rows += [both(name, errors, scratch) for name, errors in runs.items()]
    pairs = [('tor drop', 'tor smooth'), ('tor-dual drop', 'tor-dual smooth'), ('tor-dual smooth', 'tor smooth')]
    pairs += [('tor-dual sqrt', 'scratch-huber'), ('tor-dual smooth', 'scratch-huber')]
    paired = [difference(f'{a} less {b}', runs[a], runs[b]) for a, b in pairs]
    return table('method', rows) + '\n\nBetween methods, paired:\n\n' + table('difference', paired)


def weights():
    scratch = student(Student('scratch'))
    return table('weight', [both(str(w), student(Student(teacher_weight=w)), scratch) for w in (0.1, 0.3, 1.0, 3.0)])


def modes():
    names, scratch = ('plain', 'early-stopping', 'out-of-fold'), student(Student('scratch'))
    rows = [means('scratch', scratch)] + [means(f'teacher, {mode}', teacher(mode).rmse) for mode in names]
    rows += [both(f'tor-dual, {mode}', student(Student(teacher_mode=mode)), scratch) for mode in names]
    runs = [student(Student(teacher_mode=mode)) for mode in names]
    paired = [difference(f'{mode} less plain', run, runs[0]) for mode, run in zip(names[1:], runs[1:])]
    masks = [row for mode in names for row in mask_rows(mode, rejected(mode))]
    text = table('network', rows) + '\n\n`tor-dual` in one mode and another, paired:\n\n' + table('difference', paired)
    return text + '\n\nTheir masks, by `mad` with 3:\n\n' + table('mode', masks)


def rules():
    named = {'mad 3': mad, 'zscore 2': zscore, 'iterative 3': iterative}
    return table('rule', [row for name, rule in named.items() for row in mask_rows(name, rejected(rule=rule))])


TABLES = {
    'Learning rate of scratch': rates,
    'Outlier branches': branches,
    "Weight of tor-dual's teacher head": weights,
    'Teacher modes': modes,
    'Rules of the mask': rules,
}
INTRODUCTION = """# The sinusoid's defaults

Written by [sinusoid.py](sinusoid.py), an independent simulation in PyTorch of the protocol that `train/` implements;
networks in float32, data, masks and errors in float64. **It is not Limbeck's own run**, and its random numbers are
others. It is there to choose defaults, on seeds that no reported result uses.

Unless a table says otherwise: 500 training rows, f(x) = sin(2πx), Gaussian noise 0.1, outliers U[-3, 3]; teacher
1-100-100-1 with 256 epochs (1000 steps), students 1-16-16-1 with 768 epochs (3000 steps); tanh, batches of 128, Adam
at 0.01 with a cosine to 0; rule `mad` with 3 deviations, branch `smooth` with eps 1 (`sqrt`: 1e-3), teacher weight 1.
Errors are means over the seeds of the RMSE to the clean function on 1000 test rows. In brackets is the difference to
`scratch` (at 0.01), paired by seed, with the half-width of its 95 % t-interval. Intervals are not corrected for their
number. Of masks: precision is the share of rejected labels that are contaminated, over the seeds in which there are
any; recall, the share of contaminated labels that are rejected; flagged, the share of all labels that are rejected."""


def main():
    torch.set_num_threads(1)
    made = f'torch {torch.__version__}, {datetime.date.today()}, seeds {SEEDS[0]} to {SEEDS[-1]}.'
    page = INTRODUCTION + '\n\n*' + made + '*\n'
    for title, make in TABLES.items():
        page += f'\n## {title}\n\n{make()}\n'
        pathlib.Path(__file__).with_suffix('.md').write_text(page)


if __name__ == '__main__':
    main()
