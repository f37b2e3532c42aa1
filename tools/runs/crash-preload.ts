/** Loaded before a command that is to be killed: where, and in which folder, the environment says. */
import { writeFileSync } from 'node:fs';
import { crashAt } from './crash.ts';

const { CRASH_FOLDER: folder, CRASH_CALL: call, CRASH_HALF: half, CRASH_COUNT: countFile } = process.env;

if (folder !== undefined) {
  const die = (): never => {
    process.kill(process.pid, 'SIGKILL');
    // The signal is on its way.
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  };
  const crash = crashAt(folder, { call: Number(call), isHalf: half === '1' }, die);
  if (countFile !== undefined)
    process.on('exit', () => {
      const changes = crash.changes();
      crash.restore();
      writeFileSync(countFile, JSON.stringify(changes));
    });
}
