/** Which failures of a run may pass. */
import { isExpected } from '../../base/errors.ts';
import { AdapterError, DeviceLostError } from '../../engine/device/device-errors.ts';

/** What may pass: a device that is lost or not there at the moment, no memory left, what the system refused. */
export function isWorthRetry(error: unknown): boolean {
  if (error instanceof AdapterError || error instanceof DeviceLostError) return true;
  if (!(error instanceof Error)) return false;
  if (/out of memory|allocation failed|not enough memory/i.test(error.message)) return true;
  return isExpected(error) && 'syscall' in error;
}
