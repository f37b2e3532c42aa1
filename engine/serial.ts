/** Numbers that tell tensors apart, and older ones from newer ones. */
let next = 0;

export function nextSerial(): number {
  return next++;
}
