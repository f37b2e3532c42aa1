/** The `~` of a path that no shell has replaced, because it stands behind an equals sign or in a study's file. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** '~/x' as the path in the home folder; also behind a name of data, 'mpiigaze:~/x'. Other users' are left alone. */
export function atHome(path: string): string {
  const [, kind = '', rest] = /^([a-z][\w-]*:)?~(?:[/\\](.*))?$/s.exec(path) ?? [];
  return rest === undefined && !/(^|:)~$/.test(path) ? path : `${kind}${join(homedir(), rest ?? '')}`;
}
