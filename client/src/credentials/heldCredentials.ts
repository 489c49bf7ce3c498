/** Credentials that a person entered: kept in VS Code's SecretStorage, bound to one origin and perhaps one bucket, and nowhere else. */
import type { HeldCredentialMessage } from "../../../schemas/protocol/storage.ts";

/** As much of `vscode.SecretStorage` as is needed. */
export interface Secrets {
  get(key: string): Thenable<string | undefined>;
  store(key: string, value: string): Thenable<void>;
  delete(key: string): Thenable<void>;
}

/** Where a credential is used. */
export interface CredentialPlace {
  readonly origin: string;
  readonly bucket?: string | undefined;
}

export interface HeldCredentials {
  /** All of them, for the server alone. What cannot be read is as good as not there. */
  read(): Promise<readonly HeldCredentialMessage[]>;
  /** Keeps a credential instead of another for the same place. */
  keep(credential: HeldCredentialMessage): Promise<void>;
  /** Forgets what fits a place: that of its bucket, and that of the whole origin. Was there one? */
  forget(place: CredentialPlace): Promise<boolean>;
}

const storageKey = "cloudvolume.credentials";

/** `changed` is told all of them after each change. */
export function createHeldCredentials(
  secrets: Secrets,
  changed: (held: readonly HeldCredentialMessage[]) => void,
): HeldCredentials {
  async function read(): Promise<readonly HeldCredentialMessage[]> {
    try {
      const held: unknown = JSON.parse((await secrets.get(storageKey)) ?? "[]");
      return Array.isArray(held) ? held.filter(isHeld) : [];
    } catch {
      // Damaged, or this machine keeps no secrets: asking again is all that helps, and the text must not be shown.
      return [];
    }
  }
  async function write(held: readonly HeldCredentialMessage[]): Promise<void> {
    await (held.length === 0 ? secrets.delete(storageKey) : secrets.store(storageKey, JSON.stringify(held)));
    changed(held);
  }
  return {
    read,
    async keep(credential) {
      const others = (await read()).filter((other) => !isSamePlace(other, credential));
      await write([...others, credential]);
    },
    async forget({ origin, bucket }) {
      const held = await read();
      const others = held.filter(
        (other) => other.origin !== origin || (other.bucket !== undefined && other.bucket !== bucket),
      );
      if (others.length < held.length) {
        await write(others);
      }
      return others.length < held.length;
    },
  };
}

function isSamePlace(a: CredentialPlace, b: CredentialPlace): boolean {
  return a.origin === b.origin && a.bucket === b.bucket;
}

function isHeld(value: unknown): value is HeldCredentialMessage {
  const { origin, credential, identity } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  return typeof origin === "string" && typeof credential === "object" && typeof identity === "object";
}
