/** Runs kernels and single expressions on the GPU of the tests, below the engine's tensors. */
import { defineKernel, type Kernel, STEP_SLOTS } from '../kernels/kernel.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { gpu } from './backends.ts';

type Words = Float32Array | Uint32Array;

interface Run<I extends string, O extends string, U extends string> {
  inputs?: Record<I, Words>;
  uniforms?: Record<U, number>;
  /** Elements of each output. */
  outputs: Record<O, number>;
  stepNumber?: number;
  workgroups: number;
}

/** An expression of x: f32, for every element of `x`. */
export async function evaluate(expression: string, x: Float32Array): Promise<Float32Array> {
  const code = wgsl`
fn evaluated(x: f32) -> f32 { return ${expression}; }

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < arrayLength(&values)) { y[i] = evaluated(values[i]); }
}
`;
  const kernel = defineKernel({
    name: expression,
    inputs: ['values'],
    outputs: ['y'],
    code,
  });
  const workgroups = Math.ceil(x.length / 64);
  return (await runKernel(kernel, { inputs: { values: x }, outputs: { y: x.length }, workgroups })).y;
}

/** Dispatches a kernel once and reads its outputs as floats; view their `buffer` as integers if they are. */
export async function runKernel<I extends string, O extends string, U extends string>(
  kernel: Kernel<I, O, U>,
  { inputs, uniforms, outputs, stepNumber = 0, workgroups }: Run<I, O, U>,
): Promise<Record<O, Float32Array>> {
  const { device } = (await gpu()).opened;
  const { STORAGE, UNIFORM, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const upload = (label: string, words: Words, usage: number) => {
    const buffer = device.createBuffer({ label, size: words.byteLength, usage: usage | COPY_DST });
    device.queue.writeBuffer(buffer, 0, words.buffer, words.byteOffset, words.byteLength);
    return buffer;
  };
  const fields = Object.entries(kernel.uniforms) as [U, string][];
  const bindings: [GPUBufferBindingType, GPUBuffer][] = [];
  if (fields.length > 0) {
    const words = new Uint32Array(fields.length);
    fields.forEach(([key, type], i) => {
      const value = uniforms![key];
      words[i] = type === 'u32' ? value : new Uint32Array(Float32Array.of(value).buffer)[0]!;
    });
    bindings.push(['uniform', upload('uniforms', words, UNIFORM)]);
  }
  for (const key of kernel.inputs) bindings.push(['read-only-storage', upload(key, inputs![key], STORAGE)]);
  const results = kernel.outputs.map((key) => {
    const buffer = device.createBuffer({ label: key, size: outputs[key] * 4, usage: STORAGE | COPY_SRC });
    bindings.push(['storage', buffer]);
    return buffer;
  });
  if (kernel.readsStep) {
    const words = new Uint32Array(4 + STEP_SLOTS);
    words[0] = stepNumber;
    bindings.push(['uniform', upload('step', words, UNIFORM)]);
  }

  const layout = device.createBindGroupLayout({
    entries: bindings.map(([type], binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
  const entries = bindings.map(([, buffer], binding) => ({ binding, resource: { buffer } }));
  const pipeline = await device.createComputePipelineAsync({
    label: kernel.name,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ label: kernel.name, code: kernel.source }) },
  });
  const encoder = device.createCommandEncoder({ label: kernel.name });
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(Math.min(workgroups, 65535), Math.ceil(workgroups / 65535));
  pass.end();
  const copies = results.map((source) => {
    const copy = device.createBuffer({ size: source.size, usage: MAP_READ | COPY_DST });
    encoder.copyBufferToBuffer(source, 0, copy, 0, source.size);
    return copy;
  });
  device.queue.submit([encoder.finish()]);
  const read = {} as Record<O, Float32Array>;
  for (const [i, key] of kernel.outputs.entries()) {
    const copy = copies[i]!;
    await copy.mapAsync(GPUMapMode.READ);
    read[key] = new Float32Array(copy.getMappedRange().slice(0));
    copy.destroy();
  }
  for (const [, buffer] of bindings) buffer.destroy();
  return read;
}
