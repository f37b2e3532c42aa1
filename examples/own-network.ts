/** A network of one's own: layers, a gate that is learnt, and a skip; trained on a sine: `npx tsx examples/own-network.ts`. */
import * as limbeck from '../index.ts';

const print = console.log;
const backend = process.argv.includes('--cpu') ? limbeck.openCpu() : await limbeck.openGpu();

// Every layer takes its parameters from the builder, by names of their own.
const builder = new limbeck.ParameterBuilder('gated', backend, 1);
const first = limbeck.linearLayer(builder, 'first', [1, 16], { activation: 'tanh' });
const block = limbeck.chain([
  limbeck.linearLayer(builder, 'block.0', [16, 16], { activation: 'silu' }),
  limbeck.linearLayer(builder, 'block.1', [16, 16]),
]);
const gate = builder.parameter('block.gate', [16], { constant: 0.1 });
const last = limbeck.linearLayer(builder, 'last', [16, 1]);

function forward(x: limbeck.Tensor): limbeck.Tensor {
  const features = first.run(x);
  return last.run(limbeck.add(features, limbeck.mul(block.run(features), gate)));
}

const rows = 128;
const points = Float32Array.from({ length: rows }, (_, i) => (2 * i) / (rows - 1) - 1);
const column = (values: ArrayLike<number>) => limbeck.tensor(values, [rows, 1], backend);
const [x, label] = [column(points), column(points.map((v) => Math.sin(3 * v)))];

const parameters = Object.values(builder.parameters);
const optimizer = limbeck.adam(builder.parameters, { learningRate: limbeck.cosine(2e-2, { updates: 200 }) });
const step = limbeck.capture(() => {
  const loss = limbeck.mse({ pred: forward(x), label });
  optimizer.step(limbeck.grad(loss, parameters));
  return loss;
}, backend);
const begin = await step().item();
for (let i = 2; i < 200; i++) step();
const end = await step().item();

print(`${Object.keys(builder.parameters).length} parameters of ${builder.macs} multiply-accumulates`);
print(`squared error: ${begin.toFixed(3)} at first, ${end < 1e-2 ? 'below 0.01' : end} after 200 steps`);
backend.close();
