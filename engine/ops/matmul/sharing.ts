/** Whether kernels share loads over the lanes of a subgroup. */
import type { Sharing } from '../../../kernels/matmul/sharing.ts';
import type { Backend } from '../../backend.ts';

/**
 * How many lanes of a subgroup share what they load. Only where lanes are those of a CPU's vectors, and each costs a load
 * of its own: hardware loads a number that all lanes want once.
 */
export function sharingOf({
  isSoftware,
  subgroupSize,
}: Pick<Backend, 'isSoftware' | 'subgroupSize'>): Sharing {
  if (!isSoftware || subgroupSize < 4) return 0;
  return subgroupSize < 8 ? 4 : 8;
}
