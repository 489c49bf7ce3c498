/** From a credential to its tokens, shared by all stores of a driver that use the same one. */
import { createHash } from "node:crypto";
import { InternalError } from "../../errors.ts";
import type { Credential } from "../credential.ts";
import { createChainSearch } from "./chain.ts";
import { openJsonClient, prepareChain } from "./tokenClients.ts";
import { createTokenSource, type TokenSource } from "./tokenSource.ts";
import { createTokenWire, type TokenWireOptions } from "./tokenWire.ts";

export interface TokensOptions extends TokenWireOptions {
  /** How long this machine is searched for credentials of its own. */
  readonly chainTimeoutMs: number;
}

/** Credentials whose tokens are kept. */
const maxSources = 100;

/** A function from credentials to token sources; `undefined` for those that need none. */
export function createTokens(options: TokensOptions): (credential: Credential) => TokenSource | undefined {
  const { clock, chainTimeoutMs } = options;
  const openWire = (tokenUri?: string): ReturnType<typeof createTokenWire> => createTokenWire(options, tokenUri);
  const sources = new Map<string, TokenSource>();
  const chain = createTokenSource({ open: createChainSearch(() => prepareChain(openWire), chainTimeoutMs), clock });
  return (credential) => {
    switch (credential.kind) {
      case "anonymous":
        return undefined;
      case "chain":
        return chain;
      case "bearer":
        return fixedToken(credential.token);
      case "google": {
        const { json } = credential;
        const id = createHash("sha256").update(JSON.stringify(json)).digest("hex"); // no secret can be read from it
        const source = sources.get(id) ?? createTokenSource({ open: () => openJsonClient(json, openWire), clock });
        if (sources.size >= maxSources) {
          sources.clear();
        }
        sources.set(id, source);
        return source;
      }
      case "aws":
      case "basic":
        throw new InternalError(`a credential that has no tokens: ${credential.kind}`);
    }
  };
}

/** A token that was given as it is: nothing renews it. */
function fixedToken(token: string): TokenSource {
  return {
    getToken: async () => token,
    forget() {},
    knownEmail: undefined,
    getEmail: async () => undefined,
  };
}
