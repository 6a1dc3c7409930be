/**
 * WebAssembly modules from lists of instructions: as bytes to run and as text to read.
 *
 * Only what the wasm target needs of the format (WebAssembly Core Specification 2.0, §5) is known here.
 */

/** An instruction: its name in the text format, then its immediates. A list of 16 bytes is that of `v128.const`, or the lanes of `i8x16.shuffle`. */
export type Instruction = readonly [name: string, ...immediates: (number | bigint | readonly number[])[]];

export type ValueType = 'i32' | 'i64' | 'f64' | 'v128';

/** A function; its parameters are its first locals. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: readonly Instruction[];
}

const TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b };

/** How an instruction's immediates are written. */
type Form = 'none' | 'index' | 'i32' | 'i64' | 'f32' | 'f64' | 'block' | 'memory' | 'bytes' | 'lane';

/** Opcode and form; opcodes of two parts are [prefix, number]. */
const OPCODES: Readonly<Record<string, readonly [opcode: number | readonly [number, number], form: Form]>> = {
  block: [0x02, 'block'],
  loop: [0x03, 'block'],
  if: [0x04, 'block'],
  else: [0x05, 'none'],
  end: [0x0b, 'none'],
  br: [0x0c, 'index'],
  br_if: [0x0d, 'index'],
  return: [0x0f, 'none'],
  call: [0x10, 'index'],
  select: [0x1b, 'none'],
  'local.get': [0x20, 'index'],
  'local.set': [0x21, 'index'],
  'local.tee': [0x22, 'index'],
  'i32.load': [0x28, 'memory'],
  'f32.load': [0x2a, 'memory'],
  'f64.load': [0x2b, 'memory'],
  'i32.store': [0x36, 'memory'],
  'f32.store': [0x38, 'memory'],
  'f64.store': [0x39, 'memory'],
  'i32.const': [0x41, 'i32'],
  'f32.const': [0x43, 'f32'],
  'i64.const': [0x42, 'i64'],
  'f64.const': [0x44, 'f64'],
  'i32.eqz': [0x45, 'none'],
  'i32.lt_s': [0x48, 'none'],
  'i32.gt_s': [0x4a, 'none'],
  'i32.le_s': [0x4c, 'none'],
  'f64.eq': [0x61, 'none'],
  'f64.lt': [0x63, 'none'],
  'f64.le': [0x65, 'none'],
  'f64.ge': [0x66, 'none'],
  'i32.add': [0x6a, 'none'],
  'i32.sub': [0x6b, 'none'],
  'i32.mul': [0x6c, 'none'],
  'i32.and': [0x71, 'none'],
  'i32.or': [0x72, 'none'],
  'i32.shl': [0x74, 'none'],
  'i32.shr_u': [0x76, 'none'],
  'i64.and': [0x83, 'none'],
  'i64.or': [0x84, 'none'],
  'i64.shl': [0x86, 'none'],
  'i64.shr_u': [0x88, 'none'],
  'f64.abs': [0x99, 'none'],
  'f64.neg': [0x9a, 'none'],
  'f64.floor': [0x9c, 'none'],
  'f64.sqrt': [0x9f, 'none'],
  'f32.add': [0x92, 'none'],
  'f64.add': [0xa0, 'none'],
  'f64.sub': [0xa1, 'none'],
  'f64.mul': [0xa2, 'none'],
  'f64.div': [0xa3, 'none'],
  'i64.extend_i32_s': [0xac, 'none'],
  'f64.convert_i32_s': [0xb7, 'none'],
  'f64.convert_i64_s': [0xb9, 'none'],
  'i64.reinterpret_f64': [0xbd, 'none'],
  'f64.reinterpret_i64': [0xbf, 'none'],
  'i32.trunc_sat_f64_s': [[0xfc, 2], 'none'],
  'v128.load': [[0xfd, 0], 'memory'],
  'v128.load32_splat': [[0xfd, 9], 'memory'],
  'v128.load64_splat': [[0xfd, 10], 'memory'],
  'v128.store': [[0xfd, 11], 'memory'],
  'v128.const': [[0xfd, 12], 'bytes'],
  'i8x16.shuffle': [[0xfd, 13], 'bytes'],
  'i32x4.splat': [[0xfd, 17], 'none'],
  'i64x2.splat': [[0xfd, 18], 'none'],
  'f64x2.splat': [[0xfd, 20], 'none'],
  'f32x4.extract_lane': [[0xfd, 31], 'lane'],
  'f64x2.extract_lane': [[0xfd, 33], 'lane'],
  'f64x2.replace_lane': [[0xfd, 34], 'lane'],
  'i32x4.gt_s': [[0xfd, 59], 'none'],
  'f32x4.eq': [[0xfd, 65], 'none'],
  'f32x4.lt': [[0xfd, 67], 'none'],
  'f32x4.le': [[0xfd, 69], 'none'],
  'f64x2.eq': [[0xfd, 71], 'none'],
  'f64x2.lt': [[0xfd, 73], 'none'],
  'f64x2.le': [[0xfd, 75], 'none'],
  'v128.not': [[0xfd, 77], 'none'],
  'v128.and': [[0xfd, 78], 'none'],
  'v128.or': [[0xfd, 80], 'none'],
  'v128.xor': [[0xfd, 81], 'none'],
  'v128.bitselect': [[0xfd, 82], 'none'],
  'v128.load64_zero': [[0xfd, 93], 'memory'],
  'f64x2.promote_low_f32x4': [[0xfd, 95], 'none'],
  'f32x4.floor': [[0xfd, 104], 'none'],
  'f64x2.floor': [[0xfd, 117], 'none'],
  'i32x4.shl': [[0xfd, 171], 'none'],
  'i32x4.shr_u': [[0xfd, 173], 'none'],
  'i32x4.add': [[0xfd, 174], 'none'],
  'i32x4.sub': [[0xfd, 177], 'none'],
  'i64x2.shl': [[0xfd, 203], 'none'],
  'i64x2.shr_u': [[0xfd, 205], 'none'],
  'i64x2.add': [[0xfd, 206], 'none'],
  'i64x2.sub': [[0xfd, 209], 'none'],
  'i64x2.gt_s': [[0xfd, 217], 'none'],
  'f32x4.abs': [[0xfd, 224], 'none'],
  'f32x4.neg': [[0xfd, 225], 'none'],
  'f32x4.sqrt': [[0xfd, 227], 'none'],
  'f32x4.add': [[0xfd, 228], 'none'],
  'f32x4.sub': [[0xfd, 229], 'none'],
  'f32x4.mul': [[0xfd, 230], 'none'],
  'f32x4.div': [[0xfd, 231], 'none'],
  'f64x2.abs': [[0xfd, 236], 'none'],
  'f64x2.neg': [[0xfd, 237], 'none'],
  'f64x2.sqrt': [[0xfd, 239], 'none'],
  'f64x2.add': [[0xfd, 240], 'none'],
  'f64x2.sub': [[0xfd, 241], 'none'],
  'f64x2.mul': [[0xfd, 242], 'none'],
  'f64x2.div': [[0xfd, 243], 'none'],
  'f32x4.convert_i32x4_s': [[0xfd, 250], 'none'],
};

/** Writes a module of functions, all exported by name, over the memory that is imported as `m.m`. */
export function encodeModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const typeOf = ({ parameters, results }: WasmFunction): string => `${parameters.join()}>${results.join()}`;
  const distinct = [...new Map(functions.map((each) => [typeOf(each), each])).values()];
  const types = distinct.map(({ parameters, results }) => [
    0x60,
    ...list(parameters.map((t) => [TYPES[t]])),
    ...list(results.map((t) => [TYPES[t]])),
  ]);
  const numbers = new Map(distinct.map((each, k) => [typeOf(each), k]));
  const sections = [
    section(1, list(types)),
    section(2, list([[...name('m'), ...name('m'), 0x02, 0x00, 0x01]])),
    section(3, list(functions.map((each) => unsigned(numbers.get(typeOf(each)) as number)))),
    section(7, list(functions.map((each, k) => [...name(each.name), 0x00, ...unsigned(k)]))),
    section(10, list(functions.map(encodeFunction))),
  ];
  const parts = [[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], ...sections];
  const module = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    module.set(part, at);
    at += part.length;
  }
  return module;
}

/** Functions that many modules share are encoded once. */
const encoded = new WeakMap<WasmFunction, readonly number[]>();

function encodeFunction(each: WasmFunction): readonly number[] {
  const known = encoded.get(each) ?? bytesOf(each);
  encoded.set(each, known);
  return known;
}

function bytesOf({ locals, body }: WasmFunction): number[] {
  const runs: [number, ValueType][] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === type) last[0]++;
    else runs.push([1, type]);
  }
  const code: number[] = list(runs.map(([count, type]) => [...unsigned(count), TYPES[type]]));
  for (const instruction of body) encodeInstruction(code, instruction);
  code.push(0x0b);
  return [...unsigned(code.length), ...code];
}

/** A module is made while its user waits, mostly before the engine has compiled this: so bytes are pushed one by one, and nothing is made for each instruction. */
function encodeInstruction(code: number[], [name, first = 0]: Instruction): void {
  const [opcode, form] = OPCODES[name];
  if (typeof opcode === 'number') code.push(opcode);
  else {
    code.push(opcode[0]);
    pushUnsigned(code, opcode[1]);
  }
  switch (form) {
    case 'none':
      break;
    case 'block':
      code.push(0x40);
      break;
    case 'index':
    case 'lane':
      pushUnsigned(code, first as number);
      break;
    case 'i32':
    case 'i64':
      pushSigned(code, first as number | bigint);
      break;
    case 'f32':
      code.push(...new Uint8Array(Float32Array.of(first as number).buffer));
      break;
    case 'f64':
      number64[0] = first as number;
      for (let k = 0; k < 8; k++) code.push(bytes64[k]);
      break;
    case 'memory':
      // What stands elsewhere than where its size divides the address is read all the same, only slower.
      code.push(/^[if]32|32_splat/.test(name) ? 2 : name === 'v128.load' || name === 'v128.store' ? 4 : 3);
      pushUnsigned(code, first as number);
      break;
    case 'bytes':
      for (let k = 0; k < 16; k++) code.push((first as readonly number[])[k]);
      break;
  }
}

/** A float64 and its bytes. */
const number64 = new Float64Array(1);
const bytes64 = new Uint8Array(number64.buffer);

const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content];
const list = (items: readonly (readonly number[])[]): number[] => {
  const bytes = unsigned(items.length);
  for (const item of items) for (const byte of item) bytes.push(byte);
  return bytes;
};
const name = (text: string): number[] => [...unsigned(text.length), ...Buffer.from(text)];

/** LEB128 of a whole number ≥ 0. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  pushUnsigned(bytes, value);
  return bytes;
}

function pushUnsigned(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** LEB128 of a whole number of 64 bits. */
function pushSigned(bytes: number[], value: number | bigint): void {
  const small = Number(value) | 0;
  if (typeof value === 'number' ? small === value : BigInt(small) === value) {
    for (let rest = small; ; rest >>= 7) {
      const isLast = rest >= -64 && rest < 64;
      bytes.push(isLast ? rest & 127 : (rest & 127) | 128);
      if (isLast) return;
    }
  }
  for (let rest = BigInt.asIntN(64, BigInt(value)); ; rest >>= 7n) {
    const byte = Number(rest & 127n);
    const isLast = rest >> 6n === 0n || rest >> 6n === -1n;
    bytes.push(isLast ? byte : byte + 128);
    if (isLast) return;
  }
}

/** The 16 bytes of a float64 in both lanes. */
export function bothLanes(value: number): readonly number[] {
  const bytes = [...new Uint8Array(Float64Array.of(value).buffer)];
  return [...bytes, ...bytes];
}

/** The 16 bytes of a float32 in all four lanes. */
export function allLanes(value: number): readonly number[] {
  return [...new Uint8Array(Float32Array.of(value, value, value, value).buffer)];
}

/** The 16 bytes of a 32-bit number in all four lanes. */
export function allLanesOf(value: number): readonly number[] {
  return [...new Uint8Array(Uint32Array.of(value, value, value, value).buffer)];
}

/** The 16 bytes of a 64-bit number in both lanes. */
export function bothLanesOf(value: bigint): readonly number[] {
  const bytes = [...new Uint8Array(BigUint64Array.of(value).buffer)];
  return [...bytes, ...bytes];
}

/** The 16 bytes of a float32 in all four lanes. */
export const fourLanes = (value: number): readonly number[] => [...new Uint8Array(Float32Array.of(value, value, value, value).buffer)];

/** The 16 bytes of 32 bits in all four lanes. */
export const fourLanesOf = (value: number): readonly number[] => [...new Uint8Array(Uint32Array.of(value, value, value, value).buffer)];

/** Writes functions in the text format, indented by blocks. */
export function printModule(functions: readonly WasmFunction[]): string {
  const types = (word: string, list: readonly ValueType[]): string => (list.length === 0 ? '' : ` (${word} ${list.join(' ')})`);
  const lines = ['(module', '  (import "m" "m" (memory 1))'];
  for (const each of functions) {
    lines.push(`  (func $${each.name} (export "${each.name}")${types('param', each.parameters)}${types('result', each.results)}`);
    if (each.locals.length > 0) lines.push(`   ${types('local', each.locals)}`);
    let depth = 2;
    for (const instruction of each.body) {
      if (instruction[0] === 'end') depth--;
      lines.push('  '.repeat(depth) + printInstruction(instruction));
      if (OPCODES[instruction[0]][1] === 'block') depth++;
    }
    lines.push('  )');
  }
  return `${[...lines, ')'].join('\n')}\n`;
}

function printInstruction([name, first]: Instruction): string {
  const form = OPCODES[name][1];
  if (form === 'none' || form === 'block') return name;
  if (form === 'memory') return `${name} offset=${first ?? 0}`;
  if (name === 'i8x16.shuffle') return `${name} ${(first as readonly number[]).join(' ')}`;
  if (form === 'bytes') return `${name} i8x16 ${(first as readonly number[]).map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')}`;
  const value = first as number;
  return `${name} ${Object.is(value, -0) ? '-0' : Number.isNaN(value) ? 'nan' : Number.isFinite(value) ? value : value < 0 ? '-inf' : 'inf'}`;
}
