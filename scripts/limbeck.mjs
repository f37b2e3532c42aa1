/**
 * The command line from the sources: installs the npm packages, then runs bin/limbeck.ts, all in one process,
 * so that Ctrl-C meets nobody else.
 */
import { installPackages, SetupError } from './setup.mjs';

try {
  installPackages();
  const { register } = await import('tsx/esm/api');
  register();
  const [command, ...argv] = process.argv.slice(2);
  // Not parts of the published command: they need the development packages.
  const development = {
    bench: () => import('../bench/main.ts'),
    conformance: () => import('../conformance/main.ts'),
    data: () => import('../tools/data/data.ts'),
    loss: () => import('../tools/loss.ts'),
    parity: () => import('../parity/main.ts'),
    same: () => import('../tools/same/main.ts'),
    web: () => import('../tools/web.ts'),
  }[command ?? ''];
  if (development) {
    // A reader that has seen enough (`| head`) is no error.
    for (const stream of [process.stdout, process.stderr])
      stream.on('error', (error) => {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error;
      });
    const { main } = await development();
    process.exitCode = await main(argv);
  } else {
    const { main } = await import('../bin/limbeck.ts');
    process.exitCode = await main(process.argv.slice(2));
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = 1;
}
