import { describe, expect, it } from "vitest";
import { shellHtml } from "../../../../client/src/panels/shellHtml.ts";

const parts = {
  nonce: "n0nce",
  cspSource: "https://*.vscode-cdn.net",
  scriptUri: "https://x/slices.js",
  styleUri: "https://x/slices.css",
  codiconUri: "https://x/codicon.css",
  title: "Slices: seg",
  language: "en",
};

describe("shellHtml", () => {
  it("has exactly the promised content security policy", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(shellHtml(parts))?.[1];
    expect(policy).toBe(
      "default-src 'none'; script-src 'nonce-n0nce'; style-src 'nonce-n0nce' https://*.vscode-cdn.net; " +
        "font-src https://*.vscode-cdn.net; img-src blob: data:; worker-src blob:; connect-src 'none'",
    );
  });

  it("has one script, with the nonce", () => {
    expect(shellHtml(parts).match(/<script[^>]*>/g)).toEqual(['<script nonce="n0nce" src="https://x/slices.js">']);
  });

  it("escapes a title that comes from a bucket", () => {
    const html = shellHtml({ ...parts, title: '<img src=x onerror="alert(1)">&' });
    expect(html).toContain("<title>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;</title>");
    expect(html).not.toContain("<img");
  });
});
