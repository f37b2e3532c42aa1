/**
 * Repeats recorded commands in one submit, between two readings of the adapter's clock where it has one, else of ours.
 * JavaScript and the submit are then no part of the time, and a coarse clock does no harm to a long sample.
 */
import type { GpuBackend } from '../engine/gpu/gpu.ts';
import { withoutHaste } from '../engine/device/patience.ts';
import { encodeBetweenPasses, isDispatch, type Recording } from '../engine/gpu/recording.ts';

export interface GpuClock {
  /** Milliseconds of `runs` repetitions; with its end the queue is empty. */
  time(recording: Recording, runs: number): Promise<number>;
  close(): void;
}

export function hasGpuClock({ opened }: GpuBackend): boolean {
  return opened.features.has('timestamp-query');
}

export function openGpuClock(gpu: GpuBackend): GpuClock {
  const { device } = gpu.opened;
  const querySet = hasGpuClock(gpu) ? device.createQuerySet({ type: 'timestamp', count: 2 }) : undefined;
  const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const stamps = device.createBuffer({ size: 16, usage });
  const copy = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });

  const encode = (recording: Recording, runs: number): GPUCommandBuffer => {
    const encoder = device.createCommandEncoder({ label: 'repeated' });
    // In empty passes of their own, because a clear ends a pass.
    const stamp = (timestampWrites: Omit<GPUComputePassTimestampWrites, 'querySet'>) => {
      if (querySet) encoder.beginComputePass({ timestampWrites: { querySet, ...timestampWrites } }).end();
    };
    stamp({ endOfPassWriteIndex: 0 });
    let pass: GPUComputePassEncoder | undefined;
    for (let run = 0; run < runs; run++) {
      for (const command of recording.commands) {
        if (!isDispatch(command)) {
          pass?.end();
          pass = undefined;
          encodeBetweenPasses(encoder, command);
        } else {
          pass ??= encoder.beginComputePass();
          pass.setPipeline(command.pipeline);
          pass.setBindGroup(0, command.bindGroup);
          pass.dispatchWorkgroups(...command.workgroups);
        }
      }
    }
    pass?.end();
    stamp({ beginningOfPassWriteIndex: 1 });
    if (querySet) encoder.resolveQuerySet(querySet, 0, 2, stamps, 0);
    encoder.copyBufferToBuffer(stamps, 0, copy, 0, 16);
    return encoder.finish();
  };

  return {
    async time(recording, runs) {
      gpu.flush();
      const commands = encode(recording, runs);
      const began = performance.now();
      device.queue.submit([commands]);
      await gpu.opened.waitFor(withoutHaste(gpu.opened.info, copy.mapAsync(GPUMapMode.READ)));
      const wallMs = performance.now() - began;
      const [start, end] = new BigUint64Array(copy.getMappedRange().slice(0));
      copy.unmap();
      return querySet ? Number(end! - start!) / 1e6 : wallMs;
    },
    close() {
      querySet?.destroy();
      stamps.destroy();
      copy.destroy();
    },
  };
}
