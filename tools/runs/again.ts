/** The same `distill` in many folders, one after the other in one process: its exit code and what it says of each, as lines of JSON. */
import { main } from '../../cli/distill.ts';

const [words = '[]', ...folders] = process.argv.slice(2);
for (const out of folders) {
  let text = '';
  const stream = { write: (piece: string) => (text += piece) };
  const argv = [...(JSON.parse(words) as string[]), '--out', out];
  const code = await main(argv, { stdout: stream, stderr: stream });
  process.stdout.write(`${JSON.stringify({ out, code, text })}\n`);
}
