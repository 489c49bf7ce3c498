import { describe, expect, it } from "vitest";
import { pythonSnippet } from "../../../../client/src/commands/pythonSnippet.ts";

describe("pythonSnippet", () => {
  it("opens the layer with CloudVolume", () => {
    expect(pythonSnippet("gs://bucket/seg")).toBe(
      'from cloudvolume import CloudVolume\n\nvol = CloudVolume("precomputed://gs://bucket/seg")\n',
    );
  });

  it("opens a coarser scale", () => {
    expect(pythonSnippet("/data/seg", 2)).toContain('CloudVolume("precomputed://file:///data/seg", mip=2)');
  });

  it("escapes what would end the text", () => {
    expect(pythonSnippet('/data/a"b\\c')).toContain('"precomputed://file:///data/a\\"b\\\\c"');
  });
});
