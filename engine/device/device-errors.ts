/** What can go wrong with a GPU: no adapter, a lost device, and commands whose errors arrive late. */

/** How its messages begin where there is none at all. */
export const NO_ADAPTER = 'no WebGPU adapter';

/** No adapter, or none of the name asked for. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
  readonly exitCode = 1;
}

/** The GPU is gone: a driver reset, a sleeping laptop, a shader that ran too long, or `close()`. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
  readonly exitCode = 1;
  readonly reason: GPUDeviceLostReason;

  constructor({ reason, message }: Pick<GPUDeviceLostInfo, 'reason' | 'message'>) {
    const isClosed = reason === 'destroyed';
    const cure = isClosed ? 'it was closed; open another' : 'open another and go on from the last checkpoint';
    super(`the GPU device is lost (${message.trim() || reason}); ${cure}`);
    this.reason = reason;
  }
}

export interface DeviceWatch {
  /** Resolves when the device is gone, with reason 'destroyed' after `close()`; never rejects. */
  readonly lost: Promise<DeviceLostError>;
  /** Waits for the GPU, but not for one that is lost; throws what went wrong meanwhile. */
  waitFor<T>(promise: Promise<T>): Promise<T>;
  /**
   * Throws what went wrong since somebody last waited, which is then forgotten: it spoilt the work that it belongs to, not the
   * device. Or the device's loss, which stays.
   */
  throwIfFailed(): void;
  throwIfLost(): void;
  /** What `throwIfFailed` would throw beside a loss. It is forgotten. */
  takeError(): Error | undefined;
  /** The next that waits will throw this, unless there is an error already, which it may have come from. */
  report(error: Error): void;
}

/** Turns loss and uncaught errors, which come as events, into exceptions where somebody waits. */
export function watchDevice(device: GPUDevice): DeviceWatch {
  let firstError: Error | undefined;
  let loss: DeviceLostError | undefined;
  // Not a race with `lost`: each race would leave a closure on that promise for the life of the device.
  const waiting = new Set<() => void>();

  const report = (error: Error): void => {
    firstError ??= error;
  };
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    report(new Error(`WebGPU: ${event.error.message.trim()}`));
  });
  const lost = device.lost.then((info) => {
    loss = new DeviceLostError(info);
    for (const stop of waiting) stop();
    return loss;
  });

  const throwIfLost = (): void => {
    if (loss) throw loss;
  };
  const throwIfFailed = (): void => {
    const error = takeError();
    if (error) throw error;
    throwIfLost();
  };
  const waitFor = async <T>(promise: Promise<T>): Promise<T> => {
    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    waiting.add(stop);
    try {
      await Promise.race([promise, stopped]);
    } catch (cause) {
      // The abort of a wait comes a moment before the loss, or the invalid command, that caused it.
      await new Promise((resolve) => setTimeout(resolve));
      throwIfFailed();
      throw cause;
    } finally {
      waiting.delete(stop);
    }
    throwIfFailed();
    return promise;
  };
  const takeError = (): Error | undefined => {
    const error = firstError;
    firstError = undefined;
    return error;
  };
  return { lost, waitFor, throwIfFailed, throwIfLost, takeError, report };
}
