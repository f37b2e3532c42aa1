/** The command `web`: serves the page for work on it, or builds it as static files. */
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, createServer } from 'vite';
import { exitCodeOf, lineOf, UserError } from '../base/errors.ts';
import { readArguments } from '../cli/read-arguments.ts';
import { pageConfig } from '../web/page-config.ts';

const HELP = `web: the page that trains in the browser

  npm run web [-- options]          serves it and reloads what is edited
  npm run build:web [-- options]    builds static files that any host can serve

  --port N      port of the server (5173, or the next one that is free)
  --host        serve other machines too; WebGPU needs https there
  --out DIR     folder of the build (dist-web)
`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Resolves to an exit code; the server goes on until Ctrl-C. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = readArguments(argv, {
      build: { type: 'boolean', default: false },
      port: { type: 'string', default: '5173' },
      host: { type: 'boolean', default: false },
      out: { type: 'string', default: 'dist-web' },
      help: { type: 'boolean', short: 'h', default: false },
    });
    if (positionals.length > 0) throw new UserError(`unexpected argument '${positionals[0]}'`);
    if (values.help) process.stdout.write(HELP);
    else if (values.build) await buildPage(resolve(root, values.out));
    else await serve({ port: portOf(values.port), host: values.host });
    return 0;
  } catch (error) {
    process.stderr.write(`web: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

/** Static files with relative addresses in `outDir`, which is emptied first. */
export async function buildPage(outDir: string, { isQuiet = false } = {}): Promise<void> {
  await build({ ...pageConfig, logLevel: isQuiet ? 'warn' : 'info', build: { ...pageConfig.build, outDir } });
  if (!isQuiet) process.stdout.write(`${relative(process.cwd(), outDir)} is ready for any static host\n`);
}

async function serve({ port, host }: { port: number; host: boolean }): Promise<void> {
  const server = await createServer({ ...pageConfig, server: { port, host: host || 'localhost' } });
  await server.listen();
  server.printUrls();
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port < 65_536) return port;
  throw new UserError(`--port must be a whole number from 1 to 65535, not '${text}'`);
}
