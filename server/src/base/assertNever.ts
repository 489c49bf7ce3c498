import { InternalError } from "../errors.ts";

/** The end of every exhaustive switch. */
export function assertNever(value: never): never {
  throw new InternalError(`unexpected case: ${JSON.stringify(value)}`);
}
