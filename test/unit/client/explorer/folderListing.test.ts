import { describe, expect, it } from "vitest";
import { FolderListing, type ListFolder } from "../../../../client/src/explorer/folderListing.ts";
import { ServerError } from "../../../../client/src/server/serverError.ts";
import type { FolderEntry, ListFolderResult } from "../../../../schemas/protocol/storage.ts";

const file = (name: string): FolderEntry => ({ name, kind: "file", location: `/data/${name}` });
const unreachable = new ServerError({ tag: "unreachable", message: "timeout" });

/** Answers the calls with these results in turn, and notes the page tokens that were asked for. */
function answering(...results: (ListFolderResult | Error)[]) {
  const tokens: (string | undefined)[] = [];
  const list: ListFolder = async ({ pageToken }) => {
    tokens.push(pageToken);
    const result = results.shift();
    if (result === undefined || result instanceof Error) {
      throw result ?? new Error("not expected");
    }
    return result;
  };
  return { list, tokens };
}
const names = (entries: readonly FolderEntry[]) => entries.map(({ name }) => name);

describe("FolderListing", () => {
  it("lists once, however often it is asked", async () => {
    const { list, tokens } = answering({ entries: [file("a")] });
    const listing = new FolderListing(list, "/data");
    await Promise.all([listing.read(), listing.read()]);
    await listing.read();
    expect(tokens).toEqual([undefined]);
  });

  it("adds pages until there are no more", async () => {
    const { list, tokens } = answering({ entries: [file("a")], nextPageToken: "2" }, { entries: [file("b")] });
    const listing = new FolderListing(list, "/data");
    expect(await listing.read()).toMatchObject({ hasMore: true });
    expect(await listing.readMore()).toMatchObject({ hasMore: false });
    await listing.readMore();
    expect(names((await listing.read()).entries)).toEqual(["a", "b"]);
    expect(tokens).toEqual([undefined, "2"]);
  });

  it("keeps what it has when a page fails, and asks for the same page again", async () => {
    const { list, tokens } = answering({ entries: [file("a")], nextPageToken: "2" }, unreachable, {
      entries: [file("b")],
    });
    const listing = new FolderListing(list, "/data");
    await listing.read();
    expect(await listing.readMore()).toMatchObject({ problem: { tag: "unreachable" }, hasMore: true });
    const contents = await listing.readMore();
    expect(names(contents.entries)).toEqual(["a", "b"]);
    expect(contents.problem).toBeUndefined();
    expect(tokens).toEqual([undefined, "2", "2"]);
  });

  it("asks again after a reset", async () => {
    const { list } = answering(unreachable, { entries: [file("a")] });
    const listing = new FolderListing(list, "/data");
    expect(await listing.read()).toMatchObject({ problem: { tag: "unreachable" } });
    listing.reset();
    expect(names((await listing.read()).entries)).toEqual(["a"]);
  });

  it("does not let an answer from before a reset fill what comes after", async () => {
    const answers: ((result: ListFolderResult) => void)[] = [];
    const listing = new FolderListing(() => new Promise((resolve) => answers.push(resolve)), "/data");
    const before = listing.read();
    listing.reset();
    const after = listing.read();
    answers[0]?.({ entries: [file("old")] });
    await before;
    answers[1]?.({ entries: [file("fresh")] });
    expect(names((await after).entries)).toEqual(["fresh"]);
    expect(names(listing.contents?.entries ?? [])).toEqual(["fresh"]);
  });

  it("stops the request when it is cancelled", async () => {
    let aborted = false;
    const listing = new FolderListing(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => {
            aborted = true;
            reject(new ServerError({ tag: "cancelled", message: "cancelled" }));
          });
        }),
      "/data",
    );
    const reading = listing.read();
    listing.cancel();
    expect(await reading).toMatchObject({ problem: { tag: "cancelled" } });
    expect(aborted).toBe(true);
  });
});
