import { describe, expect, it } from "vitest";
import { DocumentVersions } from "../../../../client/src/fileSystem/documentVersions.ts";

const first = { text: "one", etag: "1" };
const second = { text: "two", etag: "2" };

describe("DocumentVersions", () => {
  it("takes what was read for the base while there is only one version", () => {
    const versions = new DocumentVersions();
    versions.noteRead("a", first);
    expect(versions.baseOf("a")).toMatchObject(first);
    expect(versions.baseOf("b")).toBeUndefined();
  });

  it("keeps the base of an editor when somebody reads a later version", () => {
    const versions = new DocumentVersions();
    versions.noteRead("a", first);
    versions.noteClean("a", "one");
    versions.noteRead("a", second);
    expect(versions.baseOf("a")).toMatchObject(first);
    expect(versions.lastOf("a")).toMatchObject(second);
    versions.noteClean("a", "two");
    expect(versions.baseOf("a")).toMatchObject(second);
  });

  it("has no base for an editor that shows what was never read", () => {
    const versions = new DocumentVersions();
    versions.noteRead("a", first);
    versions.noteRead("a", second);
    versions.noteClean("a", "three");
    expect(versions.baseOf("a")).toBeUndefined();
  });

  it("knows a text again though the editor shows other line ends and no byte order mark", () => {
    const versions = new DocumentVersions();
    versions.noteRead("a", { text: "\uFEFFx\r\ny", etag: "1" });
    versions.noteRead("a", second);
    versions.noteClean("a", "x\ny");
    expect(versions.baseOf("a")?.etag).toBe("1");
  });

  it("gives each version a later time, and the same version the same", () => {
    const versions = new DocumentVersions();
    const times = [first, first, second, { ...second, etag: "3" }, { text: "", isAbsent: true as const }, first].map(
      (stored) => versions.noteRead("a", stored).mtime,
    );
    expect(times).toEqual([1, 1, 2, 3, 4, 5]);
  });

  it("lets an editor be saved over what it was shown, and begins afresh when it is closed", () => {
    const versions = new DocumentVersions();
    versions.noteRead("a", first);
    versions.noteClean("a", "one");
    versions.accept("a", versions.noteRead("a", second));
    expect(versions.baseOf("a")).toMatchObject(second);
    versions.noteRead("a", { text: "three", etag: "3" });
    versions.close("a");
    expect(versions.baseOf("a")?.etag).toBe("3");
  });
});
