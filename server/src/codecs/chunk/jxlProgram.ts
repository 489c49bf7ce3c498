/**
 * Runs a wasm that Emscripten made around one C++ function, without Emscripten's JavaScript.
 *
 * What the program imports is answered as far as its function needs it: growing memory, up to a limit set for each call; copying; the call
 * back; stopping. The rest registers types of C++ for JavaScript, or writes logs.
 */
import { InternalError, TooLargeError } from "../../errors.ts";

/** What a binary calls its parts: its names are letters. */
export interface Names {
  readonly memory: string;
  readonly table: string;
  /** Runs the constructors of global objects, which register the function. */
  readonly construct: string;
  readonly allocate: string;
  readonly free: string;
  readonly register: string;
  readonly callBack: string;
  readonly grow: string;
  readonly copy: string;
  /** Imports that never return. */
  readonly stops: readonly string[];
  /** An import and an export that a patched program has for `step`. */
  readonly step?: string;
  readonly proceed?: string;
}

/** A byte of a program that is another here: where, what is there, what is put there. */
export type Patch = readonly [at: number, found: number, wanted: number];

/** A program, loaded and compiled at its first call. */
export interface Program {
  /**
   * Calls the function with a string of the bytes, and the arguments that `prepare` makes. Gives what `use` makes of the bytes that the
   * function calls back with, which are valid until `use` returns; undefined when it does not call back. Its memory may grow by
   * `growthBytes`. Throws ProgramStopped or a RuntimeError when the program fails.
   */
  call<T>(bytes: Uint8Array, growthBytes: number, options: CallOptions<T>): T | undefined;
}

interface CallOptions<T> {
  /** Bytes that are placed in memory for the call; their address is the last argument. */
  readonly struct?: Uint8Array;
  /** Arguments between the string and the struct. */
  readonly values?: readonly number[];
  use?(bytes: Uint8Array): T;
  /** Answers the import `step` in its place; what it throws ends the call. */
  step?(argument: number, inside: Inside): number;
}

/** What a step may use of the program that it is called from. */
export interface Inside {
  readonly memory: WebAssembly.Memory;
  /** The export of that name. */
  proceed(argument: number): number;
  /** Throws TooLargeError when the memory may not grow so far. */
  allocate(sizeBytes: number): number;
  free(pointer: number): void;
}

/** The program was stopped by its own code: it has no memory, or an invariant does not hold. */
export class ProgramStopped extends Error {
  override readonly name = "ProgramStopped";
}

/** A program that traps or stops has no result; that is its way with what it cannot read, or has no memory for. */
export function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof ProgramStopped || (error instanceof Error && error.name === "RuntimeError")) {
      return undefined;
    }
    throw error;
  }
}

const pageBytes = 65_536;
const mostBytes = 2 ** 31;
/** An instance that has grown beyond this is dropped after its call, for wasm memory never shrinks. */
const mostKeptBytes = 128 << 20;

/** A program of these bytes. Its instance is replaced when it fails or has grown large. */
export function createProgram(loadBytes: () => Uint8Array, names: Names, patches: readonly Patch[]): Program {
  let module: WebAssembly.Module | undefined;
  let idle: Instance | undefined;
  return {
    call(bytes, growthBytes, options) {
      module ??= new WebAssembly.Module(patch(loadBytes(), patches));
      const instance = idle ?? createInstance(module, names);
      // A call that does not return leaves the instance in any state: it is not used again.
      idle = undefined;
      const result = instance.call(bytes, growthBytes, options);
      idle = instance.memory.buffer.byteLength <= mostKeptBytes ? instance : undefined;
      return result;
    },
  };
}

function patch(bytes: Uint8Array, patches: readonly Patch[]): Uint8Array {
  for (const [at, found, wanted] of patches) {
    if (bytes[at] !== found) {
      throw new InternalError(
        `a library is another than the one that is known: byte ${at} is ${bytes[at]}, not ${found}`,
      );
    }
    bytes[at] = wanted;
  }
  return bytes;
}

interface Instance extends Program {
  readonly memory: WebAssembly.Memory;
}

/** What the imports and the calls of one instance share. */
interface State {
  memory: WebAssembly.Memory | undefined;
  functionIndex: number;
  limitBytes: number;
  onCallBack: (bytes: Uint8Array) => void;
  onStep: (argument: number) => number;
}

function createInstance(module: WebAssembly.Module, names: Names): Instance {
  const [onCallBack, onStep] = [() => undefined, () => 0];
  const state: State = { memory: undefined, functionIndex: 0, limitBytes: mostBytes, onCallBack, onStep };
  const answers = createAnswers(state, names);
  // Of the others, only writing a log looks at the answer: 8 = bad file descriptor.
  const imports = WebAssembly.Module.imports(module).map(({ name }) => [name, answers[name] ?? (() => 8)] as const);
  const { exports } = new WebAssembly.Instance(module, { a: Object.fromEntries(imports) });
  // The binary is a known one, and so are the kinds of its exports.
  const memory = exports[names.memory] as WebAssembly.Memory;
  const table = exports[names.table] as WebAssembly.Table;
  const construct = exports[names.construct] as () => void;
  const inside: Inside = {
    memory,
    proceed: exports[names.proceed ?? ""] as Inside["proceed"],
    allocate: allocator(exports[names.allocate] as (sizeBytes: number) => number),
    free: exports[names.free] as Inside["free"],
  };
  state.memory = memory;
  construct();
  const run = table.get(state.functionIndex) as (...values: number[]) => void;
  return {
    memory,
    call: (bytes, growthBytes, options) => {
      state.limitBytes = Math.min(mostBytes, memory.buffer.byteLength + growthBytes);
      return call(state, inside, run, bytes, options);
    },
  };
}

function allocator(allocate: (sizeBytes: number) => number): Inside["allocate"] {
  return (sizeBytes) => {
    const pointer = allocate(sizeBytes) >>> 0;
    if (pointer === 0) {
      throw new TooLargeError(`a codec has no memory for ${sizeBytes} bytes`);
    }
    return pointer;
  };
}

function call<T>(
  state: State,
  inside: Inside,
  run: (...values: number[]) => void,
  bytes: Uint8Array,
  { struct, values = [], use, step }: CallOptions<T>,
): T | undefined {
  const pointers: number[] = [];
  const place = (content: Uint8Array): number => {
    const pointer = inside.allocate(content.byteLength);
    pointers.push(pointer);
    new Uint8Array(inside.memory.buffer, pointer, content.byteLength).set(content);
    return pointer;
  };
  const string = place(stringOf(place(bytes), bytes.byteLength));
  const last = struct === undefined ? [] : [place(struct)];
  let result: T | undefined;
  state.onCallBack = (view) => {
    result = use?.(view);
  };
  state.onStep = (argument) => step?.(argument, inside) ?? 0;
  run(string + resultOffset, string, ...values, ...last);
  pointers.forEach(inside.free);
  return result;
}

const resultOffset = 16;

/** A libc++ std::string of bytes elsewhere, and 8 bytes for the result: u32 address, u32 size, u32 capacity | 1 << 31. */
function stringOf(content: number, sizeBytes: number): Uint8Array {
  const words = new Uint32Array(6);
  words.set([content, sizeBytes, 0x8000_0000 + sizeBytes]);
  return new Uint8Array(words.buffer);
}

type Answer = (...values: number[]) => number | undefined;

function createAnswers(state: State, names: Names): Readonly<Record<string, Answer>> {
  const buffer = (): ArrayBufferLike => state.memory?.buffer ?? new ArrayBuffer(0);
  const answers: Record<string, Answer> = {
    // Name, count and types of arguments, signature, caller, function.
    [names.register]: (_name, _count, _types, _signature, _caller, functionIndex = 0) => {
      state.functionIndex = functionIndex;
      return undefined;
    },
    // Caller, function, destructors, arguments: of the first call, a view { u32 size, u32 address }.
    [names.callBack]: (_caller, _function, _destructors, values = 0) => {
      const [sizeBytes = 0, address = 0] = new Uint32Array(buffer(), values, 2);
      const onCallBack = state.onCallBack;
      state.onCallBack = () => undefined;
      onCallBack(new Uint8Array(buffer(), address, sizeBytes));
      return 0;
    },
    [names.grow]: (sizeBytes = 0) => (grow(state, sizeBytes >>> 0) ? 1 : 0),
    [names.copy]: (target = 0, source = 0, count = 0) => {
      new Uint8Array(buffer()).copyWithin(target, source, source + count);
      return undefined;
    },
  };
  if (names.step !== undefined) {
    answers[names.step] = (argument = 0) => state.onStep(argument);
  }
  for (const name of names.stops) {
    answers[name] = () => {
      throw new ProgramStopped("the program stopped itself");
    };
  }
  return answers;
}

function grow({ memory, limitBytes }: State, sizeBytes: number): boolean {
  if (memory === undefined || sizeBytes > limitBytes) {
    return false;
  }
  // A fifth more, so that many small needs do not each grow it.
  const wanted = Math.min(limitBytes, Math.max(sizeBytes, memory.buffer.byteLength * 1.2));
  memory.grow(Math.ceil((wanted - memory.buffer.byteLength) / pageBytes));
  return true;
}
