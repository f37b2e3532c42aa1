/** How many lanes a seed's workgroup has on an adapter. */
import type { Lanes } from '../../kernels/small-network/description.ts';
import { lanesCheck } from '../../kernels/small-network/lanes-check.ts';
import type { Backend } from '../backend.ts';
import { dispatch } from '../dispatch.ts';
import { NotSmall } from './describe-step.ts';

const WORKGROUPS = 4;
const known = new WeakMap<Backend, Promise<Lanes>>();

/** Found out once a backend. @throws NotSmall where there are no subgroups of at least 4, or lanes lie otherwise. */
export function lanesOf(backend: Backend): Promise<Lanes> {
  let lanes = known.get(backend);
  if (!lanes) known.set(backend, (lanes = findLanes(backend)));
  return lanes;
}

async function findLanes(backend: Backend): Promise<Lanes> {
  if (backend.kind !== 'gpu') throw new NotSmall('the CPU backend runs no WGSL');
  if (backend.subgroupSize < 4) throw new NotSmall(`${backend.name} has no subgroups of at least 4 lanes`);
  const lanes = backend.subgroupSize >= 8 ? 8 : 4;
  const { agrees } = dispatch(lanesCheck(lanes), {
    inputs: {},
    outputs: { agrees: [WORKGROUPS * lanes] },
    workgroups: WORKGROUPS,
    backend,
  });
  const values = await agrees.data();
  agrees.dispose();
  if ([...values].includes(0))
    throw new NotSmall(`the lanes of ${backend.name} are not those of one subgroup`);
  return lanes;
}
