/** Pages of buckets: as S3 wrote them, and as nobody should. */
import { describe, expect, it } from "vitest";
import { decodeEntities, parseObjectPage } from "../../../../../server/src/storage/web/objectListXml.ts";

const page = (inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;

describe("a page of a bucket's listing", () => {
  it("has objects, prefixes and what asks for the next page", () => {
    const text =
      page(`<Name>b</Name><Prefix>a%2F</Prefix><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
<Contents><Key>a%2Fb+c%2B%25</Key><LastModified>2026-09-21T14:13:20.000Z</LastModified><ETag>&quot;d41d8&quot;</ETag><Size>7</Size></Contents>
<Contents><Key>a%2Fd</Key><Size>12345678901</Size></Contents>
<NextContinuationToken>t&amp;1=</NextContinuationToken><CommonPrefixes><Prefix>a%2F8_8_40%2F</Prefix></CommonPrefixes>`);
    expect(parseObjectPage(text)).toEqual({
      objects: [
        { key: "a/b c+%", sizeBytes: 7, modifiedMs: Date.UTC(2026, 8, 21, 14, 13, 20), etag: '"d41d8"' },
        { key: "a/d", sizeBytes: 12_345_678_901 },
      ],
      prefixes: ["a/8_8_40/"],
      nextToken: "t&1=",
    });
  });

  it("keeps names that are not encoded as they are, and is the last without a token", () => {
    const text = page(
      "<IsTruncated>false</IsTruncated><NextContinuationToken>t</NextContinuationToken><Contents><Key>a+b%41&lt;</Key><Size>1</Size></Contents>",
    );
    expect(parseObjectPage(text)).toEqual({ objects: [{ key: "a+b%41<", sizeBytes: 1 }], prefixes: [] });
  });

  it("is not another document", () => {
    expect(parseObjectPage("<Error><Code>AccessDenied</Code></Error>")).toBeUndefined();
    expect(parseObjectPage("<html></html>")).toBeUndefined();
  });
});

describe("entities", () => {
  it("are the five of XML and references to characters; nothing else is expanded", () => {
    expect(decodeEntities("&amp;lt; &lt;&gt;&quot;&apos; &#65;&#x1F600;")).toBe("&lt; <>\"' A😀");
    const kept = "&lol; &constructor; &toString; &#x110000; &#0; &amp";
    expect(decodeEntities(kept)).toBe(kept);
  });
});
