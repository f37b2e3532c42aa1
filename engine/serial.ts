/** Numbers that tensors are told apart by, and older from newer ones. */
let next = 0;

export function nextSerial(): number {
  return next++;
}
