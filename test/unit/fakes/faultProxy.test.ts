import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FaultProxy, type ProxyFault, startFaultProxy } from "../../fakes/cloud/faultProxy.ts";
import { findLeaks, holdsSecret } from "../../fakes/cloud/leaks.ts";
import { type S3Server, startS3Server } from "../../fakes/cloud/s3Server.ts";

const hundred = Uint8Array.from({ length: 100 }, (_, index) => index);
const md5 = '"7acedd1a84a4cfcb6e7a16003242945e"'; // hashlib.md5(bytes(range(100)))

describe("a fault proxy", () => {
  let server: S3Server;
  let proxy: FaultProxy;
  beforeEach(async () => {
    server = await startS3Server({ buckets: { b: { anonymous: ["get", "list", "write"] } } });
    server.seed("b", "key", hundred);
    proxy = await startFaultProxy(server.origin, { applies: ({ path }) => path.startsWith("/b/key") });
  });
  afterEach(async () => {
    await proxy.close();
    await server.close();
  });

  interface Reply {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly bytes: Uint8Array;
    /** Why the body is not whole. */
    readonly broken?: string;
  }
  const ask = (
    path = "/b/key",
    { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(proxy.origin + path, { method, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        const finish = (broken?: Error): void =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes: new Uint8Array(Buffer.concat(parts)),
            ...(broken && { broken: broken.message }),
          });
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => finish()).on("error", finish);
      });
      request.on("error", reject).end();
    });
  const spoilt = (fault: ProxyFault, ...args: Parameters<typeof ask>): Promise<Reply> => {
    proxy.next(fault);
    return ask(...args);
  };

  test("passes what it is not told to spoil", async () => {
    expect(await ask()).toMatchObject({ status: 200, bytes: hundred, headers: { etag: md5 } });
    expect(await ask("/b/key", { headers: { range: "bytes=1-2" } })).toMatchObject({
      status: 206,
      bytes: Uint8Array.of(1, 2),
    });
    expect(server.requests[0]?.headers.host).toBe(new URL(proxy.origin).host);
  });

  test("takes faults in order, only for the requests that they are for", async () => {
    proxy.next({ kind: "status", status: 503, headers: { "retry-after": "1" } }, { kind: "status", status: 429 });
    expect((await ask("/b/other")).status).toBe(404);
    expect((await ask()).headers["retry-after"]).toBe("1");
    expect([proxy.faultsLeft(), (await ask()).status, (await ask()).status]).toEqual([1, 429, 200]);
    proxy.always({ kind: "status", status: 500 });
    expect([(await ask()).status, (await ask()).status]).toEqual([500, 500]);
    proxy.always(undefined);
    expect((await ask()).status).toBe(200);
    expect(proxy.requests).toHaveLength(7);
  });

  test("slow is whole, short is not", async () => {
    expect((await spoilt({ kind: "slow" })).bytes).toEqual(hundred);
    const short = await spoilt({ kind: "short" });
    expect([short.bytes.byteLength, short.broken, short.headers["content-length"]]).toEqual([50, "aborted", "100"]);
  });

  test("a wrong length", async () => {
    const long = await spoilt({ kind: "wrongLength", by: 1 });
    expect([long.bytes.byteLength, long.broken, long.headers["content-length"]]).toEqual([100, "aborted", "101"]);
    proxy.next({ kind: "wrongLength", by: -1 });
    const [head = "", body = ""] = (await rawReply(new URL(proxy.origin))).split("\r\n\r\n");
    expect([/content-length: (\d+)/i.exec(head)?.[1], body.length]).toEqual(["99", 100]);
  });

  test("one bit of the bytes, or of the checksum", async () => {
    const { bytes, headers } = await spoilt({ kind: "altered" });
    expect([bytes.filter((byte, index) => byte !== hundred[index]).length, headers.etag]).toEqual([1, md5]);
    const hash = await spoilt({ kind: "wrongHash" });
    expect([hash.bytes, hash.headers.etag]).toEqual([hundred, '"0acedd1a84a4cfcb6e7a16003242945e"']);
  });

  test("the whole object for a range", async () => {
    const reply = await spoilt({ kind: "wholeForRange", bytes: hundred }, "/b/key", {
      headers: { range: "bytes=1-2" },
    });
    expect(reply).toMatchObject({ status: 200, bytes: hundred });
    expect(reply.headers["content-range"]).toBeUndefined();
  });

  test("a connection closed before the service sees the request, and after", async () => {
    await expect(spoilt({ kind: "reset" }, "/b/key", { method: "DELETE" })).rejects.toThrow(
      /socket hang up|ECONNRESET/,
    );
    expect(server.buckets.get("b")?.objects.has("key")).toBe(true);
    await expect(spoilt({ kind: "lostReply" }, "/b/key", { method: "DELETE" })).rejects.toThrow(
      /socket hang up|ECONNRESET/,
    );
    expect(server.buckets.get("b")?.objects.has("key")).toBe(false);
  });

  test("a redirect keeps path and query", async () => {
    const reply = await spoilt({ kind: "redirect", status: 308, to: "http://elsewhere.example" }, "/b/key?x=1");
    expect([reply.status, reply.headers.location]).toEqual([308, "http://elsewhere.example/b/key?x=1"]);
  });

  test("another etag, and something that happens between two requests", async () => {
    expect((await spoilt({ kind: "newEtag", etag: '"other"' })).headers.etag).toBe('"other"');
    const act = (): void => void server.seed("b", "key", hundred.subarray(1));
    expect((await spoilt({ kind: "after", act })).bytes).toEqual(hundred.subarray(1));
  });
});

/** All that comes for a GET of the key, a character a byte: no client of HTTP shows bytes behind the length. */
async function rawReply({ hostname, port, host }: URL): Promise<string> {
  const socket = connect(Number(port), hostname).setEncoding("latin1");
  socket.write(`GET /b/key HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  let text = "";
  for await (const part of socket) {
    text += String(part);
  }
  return text;
}

describe("leaks", () => {
  const secret = "owner+secret/key";
  const leaksOf = (path: string, headers = {}): readonly string[] =>
    findLeaks({ method: "GET", path, headers }, [secret]);

  test("are found in headers and queries, in any form", () => {
    expect(leaksOf("/x", { authorization: "Bearer t" })).toEqual(["authorization"]);
    expect(leaksOf("/x?X-Amz-Signature=1")).toEqual(["a signed query"]);
    expect(leaksOf("/x?a=1&access_token=1")).toEqual(["a signed query"]);
    expect(leaksOf("/x", { "x-custom": `a ${secret}` })).toEqual(["a secret"]);
    expect(leaksOf(`/x?y=${encodeURIComponent(secret)}`)).toEqual(["a secret"]);
    expect(holdsSecret(`Basic ${Buffer.from(secret).toString("base64")}`, [secret])).toBe(true);
  });

  test("are not found where there are none", () => {
    expect(leaksOf("/bucket/key?list-type=2", { host: "h", range: "bytes=0-1", "user-agent": "cloudvolume" })).toEqual(
      [],
    );
  });
});
