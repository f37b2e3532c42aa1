/** The column `attention` of batches. */
import { imitationAttention } from '../../losses/imitation-attention.ts';
import type { Artifact } from '../artifact.ts';

/** How far the teacher was right about a label, from 0 to 1; see `imitationAttention`. */
export const attention: Artifact<'attention'> = {
  name: 'attention',
  needs: 'predictions',
  make: ({ label, teacher, outputs: columns }) => imitationAttention(label, teacher, { columns }).attention,
};
