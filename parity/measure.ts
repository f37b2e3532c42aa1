/** What every host runs, from the same sources: the trainings and the ops, on the adapter that it finds. */
import { openGpu } from '../index.ts';
import { distil } from './distillation.ts';
import type { Measurement, OnProgress, Task } from './measurement.ts';
import { measureOperations, operationCount } from './operations.ts';
import { runs } from './runs.ts';

export async function measure(task: Task, onProgress: OnProgress): Promise<Measurement> {
  const total =
    task.runs.reduce((sum, name) => sum + 2 * runs[name]!.stepsOf(task.steps), 0) +
    (task.ops ? operationCount : 0);
  let done = 0;
  const progress = (text: string) => onProgress(++done / total, text);

  const backend = await openGpu({ math: task.math });
  try {
    const measurement: Measurement = {
      adapter: backend.name,
      isSoftware: backend.isSoftware,
      subgroupSize: backend.subgroupSize,
      runs: {},
      ops: {},
    };
    for (const name of task.runs) {
      const { stepsOf, prepare } = runs[name]!;
      measurement.runs[name] = await distil(await prepare(backend), stepsOf(task.steps), {
        backend,
        onStep: () => progress(name),
      });
    }
    if (task.ops) measurement.ops = await measureOperations(backend, progress);
    return measurement;
  } finally {
    backend.close();
  }
}
