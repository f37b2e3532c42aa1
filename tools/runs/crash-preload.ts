/** Loaded before a command that is to be killed: where, and in which folder, the environment says. */
import { crashAt } from './crash.ts';

const { CRASH_FOLDER: folder, CRASH_CALL: call, CRASH_HALF: half } = process.env;

if (folder !== undefined)
  crashAt(folder, { call: Number(call), isHalf: half === '1' }, (): never => {
    process.kill(process.pid, 'SIGKILL');
    // The signal is on its way.
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  });
