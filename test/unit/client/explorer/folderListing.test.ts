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

  describe("with a filter", () => {
    const asked: (string | undefined)[] = [];
    const listingOf = async (...results: ListFolderResult[]) => {
      asked.length = 0;
      const listing = new FolderListing(async ({ prefixFilter }) => {
        asked.push(prefixFilter);
        return results.shift() ?? { entries: [] };
      }, "/data");
      await listing.read();
      return listing;
    };

    it("asks the service for names that begin so, and finds the text inside names listed before", async () => {
      const listing = await listingOf(
        { entries: [file("a"), file("my Seg"), file("seg1")], nextPageToken: "3" },
        { entries: [file("seg1"), file("seg2")] },
      );
      listing.setFilter("seg");
      const contents = await listing.read();
      expect(names(contents.entries)).toEqual(["my Seg", "seg1", "seg2"]);
      expect(contents).toMatchObject({ filter: "seg", hasMore: false });
      expect(asked).toEqual([undefined, "seg"]);
    });

    it("keeps an object and a folder of one name, and goes back to all names", async () => {
      const folder: FolderEntry = { name: "twin", kind: "folder", location: "/data/twin" };
      const listing = await listingOf(
        { entries: [] },
        { entries: [file("twin"), folder] },
        { entries: [file("twin"), folder, file("x")] },
      );
      listing.setFilter("t");
      expect((await listing.read()).entries.map(({ kind }) => kind)).toEqual(["file", "folder"]);
      listing.setFilter(undefined);
      expect(await listing.read()).not.toHaveProperty("filter");
      expect(asked).toEqual([undefined, "t", undefined]);
    });

    it("searches what was listed without a filter when the filter changes", async () => {
      const listing = await listingOf({ entries: [file("x-one"), file("x-two")] });
      listing.setFilter("one");
      await listing.read();
      listing.setFilter("two");
      expect(names((await listing.read()).entries)).toEqual(["x-two"]);
    });
  });
});
