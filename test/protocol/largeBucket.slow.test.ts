/** A bucket of 1,000,000 objects, which a server makes up as it is asked: what is listed is what is shown, and no more is asked for or kept. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listFolder } from "../../schemas/protocol/storage.ts";
import { type ServerProcess, startServer } from "./serverProcess.ts";

const count = 1_000_000;
const nameOf = (index: number): string => `volume-${String(index).padStart(6, "0")}`;

let server: ServerProcess;
let bucket: Server;
let location: string;
/** Keys of each page that was asked for. */
let pages: number[];

/** Index of the first name that is not before `text`. */
function indexOf(text: string): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nameOf(middle) < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

beforeAll(async () => {
  bucket = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://bucket");
    if (request.method !== "GET" || searchParams.get("list-type") !== "2") {
      response.writeHead(404, { "content-type": "application/xml" }).end("<Error><Code>NoSuchKey</Code></Error>");
      return;
    }
    const prefix = searchParams.get("prefix") ?? "";
    const after = searchParams.get("continuation-token") ?? searchParams.get("start-after") ?? "";
    const start = Math.max(indexOf(prefix), indexOf(`${after}\0`));
    const end = Math.min(start + Number(searchParams.get("max-keys") ?? 1000), indexOf(`${prefix}~`), count);
    pages.push(end - start);
    const objects = Array.from(
      { length: Math.max(0, end - start) },
      (_, index) => `<Contents><Key>${nameOf(start + index)}</Key><Size>1</Size></Contents>`,
    );
    const isCut = end < Math.min(indexOf(`${prefix}~`), count);
    const token = isCut ? `<NextContinuationToken>${nameOf(end - 1)}</NextContinuationToken>` : "";
    response
      .writeHead(200, { "content-type": "application/xml" })
      .end(
        `<ListBucketResult><IsTruncated>${isCut}</IsTruncated>${token}<KeyCount>${objects.length}</KeyCount>${objects.join("")}</ListBucketResult>`,
      );
  });
  await new Promise<void>((resolve) => bucket.listen(0, "127.0.0.1", resolve));
  location = `s3://http://127.0.0.1:${(bucket.address() as AddressInfo).port}/bucket`;
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  bucket.closeAllConnections();
  await new Promise((resolve) => bucket.close(resolve));
});

it("shows its first rows after two pages at most, and goes on from there", async () => {
  pages = [];
  const first = await server.request(listFolder, { location, pageSize: 1000 });
  expect(first.entries.map(({ name }) => name)).toEqual(Array.from({ length: 1000 }, (_, index) => nameOf(index)));
  expect(pages.reduce((sum, keys) => sum + keys, 0)).toBeLessThanOrEqual(2100);
  const next = await server.request(listFolder, { location, pageSize: 1000, pageToken: first.nextPageToken ?? "" });
  expect([next.entries[0]?.name, next.entries.length]).toEqual([nameOf(1000), 1000]);
  expect(pages.reduce((sum, keys) => sum + keys, 0)).toBeLessThanOrEqual(4200);
});

it("is filtered by prefix on the service", async () => {
  pages = [];
  const { entries } = await server.request(listFolder, { location, pageSize: 1000, prefixFilter: "volume-99999" });
  expect(entries.map(({ name }) => name)).toEqual(Array.from({ length: 10 }, (_, index) => nameOf(999_990 + index)));
  expect(pages.reduce((sum, keys) => sum + keys, 0)).toBeLessThanOrEqual(1000);
});

it("takes less than 200 MB of the server's memory", () => {
  const status = readFileSync(`/proc/${server.process.pid}/status`, "utf8");
  expect(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024).toBeLessThan(200);
});
