/** Start, stop, go on, start over; how far along it is, how fast, and on what. */
import { formatClock, formatError, formatPercent } from '../../base/format.ts';
import { element } from '../element.ts';
import type { Run } from './run.ts';

export interface RunBarActions {
  start(): void;
  pause(): void;
  resume(): void;
  /** Discards the run and trains anew with the form's settings. */
  restart(): void;
}

export interface RunBar {
  readonly root: HTMLElement;
  /** `blocked` says why nothing can be started now. */
  draw(run: Run | undefined, blocked: string | undefined): void;
  showAdapter(text: string): void;
  focus(): void;
}

export function makeRunBar(actions: RunBarActions): RunBar {
  const main = element('button', { type: 'button', className: 'primary main-action' }, 'Start training');
  const again = element('button', { type: 'button', hidden: true }, 'Start over');
  const bar = element('progress', {
    max: 1,
    value: 0,
    attributes: { 'aria-label': 'Progress of the training' },
  });
  const status = element('span', { className: 'status' });
  const adapter = element('span', { className: 'adapter soft' });
  // Screen readers hear of turns, not of every step.
  const live = element('span', { className: 'visually-hidden', attributes: { role: 'status' } });
  const root = element(
    'div',
    { className: 'run-bar' },
    element('div', { className: 'buttons' }, main, again),
    element('div', { className: 'meter' }, bar, element('div', { className: 'lines' }, status, adapter)),
    live,
  );
  let act = actions.start;
  main.addEventListener('click', () => act());
  again.addEventListener('click', () => actions.restart());

  const offer = (text: string, action: () => void) => {
    if (main.textContent !== text) main.textContent = text;
    act = action;
  };
  return {
    root,
    draw(run, blocked) {
      const state = run?.status;
      if (!state) offer('Start training', actions.start);
      else if (state === 'starting' || state === 'training') offer('Stop', actions.pause);
      else if (state === 'stopping') offer('Stopping …', actions.pause);
      else if (state === 'stopped') offer('Resume', actions.resume);
      else offer('Train again', actions.restart);
      main.classList.toggle('primary', state !== 'training' && state !== 'starting');
      again.hidden = state !== 'stopped' && state !== 'training';
      const startsAnew = !state || state === 'finished' || state === 'failed';
      main.disabled = startsAnew && blocked !== undefined;
      again.disabled = blocked !== undefined;
      bar.hidden = !run;
      bar.value = run?.share ?? 0;
      status.textContent = (startsAnew ? blocked : undefined) ?? (run ? statusText(run) : 'Ready.');
      const heard = run ? turnText(run) : '';
      if (live.textContent !== heard) live.textContent = heard;
    },
    showAdapter(text) {
      adapter.textContent = text;
    },
    focus: () => main.focus({ preventScroll: true }),
  };
}

/** 'seed 2 of 5 · tor 1200/3000 · loss 0.0123 · 1.2 ms/step · 0:34 left'. */
function statusText(run: Run): string {
  const { config, progress, msPerStep, secondsLeft } = run;
  if (run.status === 'finished') return `Finished: ${run.weights.size} networks.`;
  if (run.status === 'failed') return 'Stopped by an error; what is finished is kept.';
  if (run.status === 'starting' || !progress) return 'Starting …';
  const place = progress.seed - config.seed + 1;
  const last = (progress.lastSeed ?? progress.seed) - config.seed + 1;
  const seeds = last > place ? `seeds ${place}–${last}` : `seed ${place}`;
  return [
    ...(run.status === 'stopped'
      ? ['Stopped']
      : run.status === 'stopping'
        ? ['Stopping after this step']
        : []),
    `${seeds} of ${config.seeds}`,
    `${progress.method} ${progress.step}/${progress.steps}`,
    ...(progress.loss === null ? [] : [`loss ${formatError(progress.loss)}`]),
    ...(msPerStep === undefined ? [] : [`${msPerStep.toPrecision(2)} ms/step`]),
    ...(secondsLeft === undefined ? [] : [`${formatClock(secondsLeft)} left`]),
  ].join(' · ');
}

function turnText(run: Run): string {
  const last = run.networks.at(-1);
  const news = last
    ? `${last.method}, seed ${last.seed}: ${last.rmse === undefined ? `test error ${formatPercent(last.scores.error ?? NaN)}` : `test RMSE ${formatError(last.rmse)}`}.`
    : '';
  const states = {
    starting: 'Training starts.',
    training: news || 'Training.',
    stopping: 'Stopping.',
    stopped: `Training is stopped. ${news}`,
    finished: `Training is finished. ${news}`,
    failed: `Training failed. ${run.failure?.message ?? ''}`,
  };
  return states[run.status];
}
