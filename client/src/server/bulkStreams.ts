/**
 * The streams of one bulk connection: gathers each into one array of exactly its size, gives credit for what arrived, cancels.
 * Knows no socket: bytes come in by `receive` and go out by `send`.
 */
import { FrameKind, initialCredit } from "../../../schemas/protocol/bulk.ts";
import { createFrameReader, encodeFrame } from "./bulkFrames.ts";
import { cancelledError, ServerError, serverGoneError, toServerError } from "./serverError.ts";

/** Longest stream that is taken; a longer one fails and is cancelled. */
export const maxStreamBytes = 64 << 20;
/** Credit is given in pieces of this size, so that it costs few frames and never lets the server run dry. */
const creditStepBytes = initialCredit / 8;

/** One stream while its bytes come in. */
export interface BulkStream {
  /** Resolves to exactly `byteLength` bytes; any other number of bytes is an error. Call it at most once. */
  read(byteLength: number): Promise<Uint8Array>;
  /** Nobody wants it any more: tells the server unless the stream is over. Idempotent. */
  cancel(): void;
}

export interface BulkStreams {
  /** Begins to listen for a stream. Ids are chosen by the caller and never used twice. */
  open(stream: number): BulkStream;
  /** Bytes from the server. A breach of the protocol closes everything and is thrown. */
  receive(bytes: Uint8Array): void;
  /** Rejects every stream that is not over. Idempotent. */
  close(cause?: unknown): void;
}

export function createBulkStreams(send: (frame: Uint8Array) => void): BulkStreams {
  const gathering = new Map<number, Gathering>();
  let uncreditedBytes = 0;
  let isClosed = false;

  const reader = createFrameReader({
    onData(id, piece) {
      credit(piece.length);
      const stream = gathering.get(id);
      if (stream !== undefined && !stream.add(piece)) {
        gathering.delete(id);
        send(encodeFrame(FrameKind.Cancel, id));
      }
    },
    onEnd: (id) => take(id)?.end(),
    onError: (id, json) => take(id)?.fail(parseError(json)),
  });

  function credit(bytes: number): void {
    uncreditedBytes += bytes;
    if (uncreditedBytes >= creditStepBytes) {
      const payload = new Uint8Array(4);
      new DataView(payload.buffer).setUint32(0, uncreditedBytes, true);
      uncreditedBytes = 0;
      send(encodeFrame(FrameKind.Credit, 0, payload));
    }
  }

  function take(id: number): Gathering | undefined {
    const stream = gathering.get(id);
    gathering.delete(id);
    return stream;
  }

  function close(cause?: unknown): void {
    isClosed = true;
    for (const id of [...gathering.keys()]) {
      take(id)?.fail(serverGoneError("the connection to the CloudVolume server was lost", cause));
    }
  }

  return {
    open(id) {
      const stream = new Gathering();
      if (isClosed) {
        stream.fail(serverGoneError("the connection to the CloudVolume server was lost"));
      } else {
        gathering.set(id, stream);
      }
      return {
        read: (byteLength) => stream.read(byteLength),
        cancel() {
          if (take(id) !== undefined) {
            stream.fail(cancelledError());
            send(encodeFrame(FrameKind.Cancel, id));
          }
        },
      };
    },
    receive(bytes) {
      try {
        reader.push(bytes);
      } catch (error) {
        close(error);
        throw error;
      }
    },
    close,
  };
}

/** The pieces of one stream until its size is known and it ends. */
class Gathering {
  readonly #done: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (error: ServerError) => void = () => undefined;
  #pieces: Uint8Array[] = [];
  #receivedBytes = 0;

  constructor() {
    this.#done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A stream that fails before anybody reads it is no unhandled rejection.
    this.#done.catch(() => undefined);
  }

  /** Keeps a copy of the piece, a plain Uint8Array: VS Code does not recognise a Buffer. False when the stream is longer than any may be; it has failed then. */
  add(piece: Uint8Array): boolean {
    this.#receivedBytes += piece.length;
    if (this.#receivedBytes > maxStreamBytes) {
      this.fail(tooLarge(this.#receivedBytes));
      return false;
    }
    this.#pieces.push(new Uint8Array(piece));
    return true;
  }

  end(): void {
    this.#resolve();
  }

  fail(error: ServerError): void {
    this.#pieces = [];
    this.#reject(error);
  }

  async read(byteLength: number): Promise<Uint8Array> {
    if (byteLength > maxStreamBytes) {
      throw tooLarge(byteLength);
    }
    await this.#done;
    if (this.#receivedBytes !== byteLength) {
      throw new ServerError({
        tag: "internal",
        message: `the server sent ${this.#receivedBytes} bytes where it announced ${byteLength}`,
      });
    }
    return concatenate(this.#pieces, byteLength);
  }
}

/** One array with a buffer of its own and of its size: a webview is sent the whole buffer of what it is sent. */
function concatenate(pieces: readonly Uint8Array[], byteLength: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) {
    return only;
  }
  const whole = new Uint8Array(byteLength);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function tooLarge(bytes: number): ServerError {
  return new ServerError({
    tag: "too_large",
    message: `a stream of the bulk channel is too long: ${bytes} bytes (at most ${maxStreamBytes})`,
  });
}

function parseError(json: string): ServerError {
  try {
    return toServerError({
      data: JSON.parse(json) as unknown,
      message: "the server sent an error that cannot be read",
    });
  } catch (error) {
    return toServerError(error);
  }
}
