/** What `student.js` of a LeNet does, as source text. */
import type { NetworkDescription } from '../../study/network-description.ts';

export const lenetLayers: readonly string[] = ['trunk.conv1', 'trunk.conv2', 'trunk.linear', 'label.0'];

/** `forward(layers, row)`, where a row has an \`image\` and perhaps \`extras\`. */
export function lenetForward({ image, extras }: NetworkDescription): string {
  const { channels = 1, height, width } = image!;
  const joined = extras ? '[...features, ...columns(extras, extraScale, row.extras, where)]' : 'features';
  return `/** Pixels of an image${channels > 1 ? ', plane after plane' : ''}. */
const [channels, height, width] = [${channels}, ${height}, ${width}];

/** Twice a convolution and a pooling, then a hidden layer with ReLU. */
function forward(layers, row, where) {
  const { image } = row;
  if (image?.length !== channels * height * width)
    throw new TypeError(\`\${where}: image has \${image?.length} pixels; wants \${channels} times \${height} rows of \${width}\`);
  const pixels = Float64Array.from(image, (grey) => (grey - inputScale.mean[0]) / inputScale.deviation[0]);
  const first = pool(convolution(layers['trunk.conv1'], { values: pixels, height, width }));
  const second = pool(convolution(layers['trunk.conv2'], first));
  const features = linear(layers['trunk.linear'], second.values).map((x) => Math.max(x, 0));
  return linear(layers['label.0'], ${joined});
}

/** 5×5 kernels over images, channel after channel; weight (outputs, inputs, 5, 5). */
function convolution({ weight, bias }, { values, height, width }) {
  const inputs = values.length / (height * width);
  const [rows, columns] = [height - 4, width - 4];
  const sums = new Float64Array(bias.length * rows * columns);
  for (let k = 0, at = 0; k < bias.length; k++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, at++) {
        let sum = bias[k];
        for (let c = 0; c < inputs; c++)
          for (let y = 0; y < 5; y++)
            for (let x = 0; x < 5; x++)
              sum += values[(c * height + i + y) * width + j + x] * weight[((k * inputs + c) * 5 + y) * 5 + x];
        sums[at] = sum;
      }
  return { values: sums, height: rows, width: columns };
}

/** The largest of every 2×2; a last row or column that is left over is dropped. */
function pool({ values, height, width }) {
  const channels = values.length / (height * width);
  const [rows, columns] = [height >> 1, width >> 1];
  const largest = new Float64Array(channels * rows * columns);
  for (let c = 0, at = 0; c < channels; c++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, at++) {
        const corner = (c * height + 2 * i) * width + 2 * j;
        const square = [corner, corner + 1, corner + width, corner + width + 1];
        largest[at] = Math.max(...square.map((place) => values[place]));
      }
  return { values: largest, height: rows, width: columns };
}`;
}
