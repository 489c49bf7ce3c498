/** Index pages as nginx 1.22 and Apache 2.4 wrote them of one folder, shortened by lines that say nothing else. */
import { describe, expect, it } from "vitest";
import { parseIndexPage } from "../../../../../server/src/storage/http/indexPage.ts";

const url = new URL("http://127.0.0.1:8000/vol/");
const html = "text/html;charset=UTF-8";

const nginx = `<html>
<head><title>Index of /vol/</title></head>
<body>
<h1>Index of /vol/</h1><hr><pre><a href="../">../</a>
<a href="8_8_40/">8_8_40/</a>                                            21-Sep-2026 14:13                   -
<a href="%3Ci%3E%26amp%3B">&lt;i&gt;&amp;amp;</a>                                           21-Sep-2026 14:13                   7
<a href="a%2Bb%25c%20%C3%A9.txt">a+b%c é.txt</a>                                       21-Sep-2026 14:13                   7
<a href="a-very-long-name-that-does-not-fit-into-the-column-of-an-index-page-at-all.bin">a-very-long-name-that-does-not-fit-into-the-col..&gt;</a> 21-Sep-2026 14:13                   7
<a href="q%3Fx%23y">q?x#y</a>                                              21-Sep-2026 14:13                   7
<a href="x%27%22y">x'&quot;y</a>                                               21-Sep-2026 14:13                   7
</pre><hr></body>
</html>`;

const apacheLinks = [
  ["8_8_40/", "8_8_40/"],
  ["%3ci%3e&amp;amp;", "&lt;i&gt;&amp;amp;"],
  ["a+b%25c%20%c3%a9.txt", "a+b%c é.txt"],
  [
    "a-very-long-name-that-does-not-fit-into-the-column-of-an-index-page-at-all.bin",
    "a-very-long-name-that-does-not-fit",
  ],
  ["q%3fx%23y", "q?x#y"],
  ["x'%22y", "x'&quot;y"],
] as const;
const apachePage = (
  body: string,
): string => `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html>
 <head>
  <title>Index of /vol</title>
 </head>
 <body>
<h1>Index of /vol</h1>
${body}
</body></html>`;
const sorting = `<a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a>`;
const shapes = {
  plain: `<ul><li><a href="/"> Parent Directory</a></li>
${apacheLinks.map(([href, text]) => `<li><a href="${href}"> ${text}</a></li>`).join("\n")}
</ul>`,
  fancy: `<pre>      ${sorting}<hr>      <a href="/">Parent Directory</a>                   -   
${apacheLinks.map(([href, text]) => `      <a href="${href}">${text}</a>      2026-09-21 14:13    7   `).join("\n")}
<hr></pre>`,
  table: `  <table><tr><th>${sorting}</th></tr>
<tr><td valign="top">&nbsp;</td><td><a href="/">Parent Directory</a></td><td>&nbsp;</td><td align="right">  - </td></tr>
${apacheLinks.map(([href, text]) => `<tr><td><a href="${href}">${text}</a></td><td align="right">2026-09-21 14:13  </td><td align="right">  7 </td></tr>`).join("\n")}
</table>`,
};

const names = [
  "8_8_40",
  "<i>&amp;",
  "a+b%c é.txt",
  "a-very-long-name-that-does-not-fit-into-the-column-of-an-index-page-at-all.bin",
  "q?x#y",
  "x'\"y",
];

describe("an index page", () => {
  it("of nginx has names, sizes and times", () => {
    const modifiedMs = Date.UTC(2026, 8, 21, 14, 13);
    expect(parseIndexPage({ url, contentType: "text/html", text: nginx })).toEqual(
      names.map((name) =>
        name === "8_8_40" ? { name, kind: "folder" } : { name, kind: "object", sizeBytes: 7, modifiedMs },
      ),
    );
  });

  it("of nginx in JSON has names, sizes and times", () => {
    const text = `[{ "name":"8_8_40", "type":"directory", "mtime":"Mon, 21 Sep 2026 14:13:20 GMT" },
{ "name":"a b", "type":"file", "mtime":"Mon, 21 Sep 2026 14:13:20 GMT", "size":7 }]`;
    const modifiedMs = Date.UTC(2026, 8, 21, 14, 13, 20);
    expect(parseIndexPage({ url, contentType: "application/json", text })).toEqual([
      { name: "8_8_40", kind: "folder", modifiedMs },
      { name: "a b", kind: "object", sizeBytes: 7, modifiedMs },
    ]);
  });

  it.each(Object.entries(shapes))("of Apache, %s, has names; sizes are rounded there, and left out", (_shape, body) => {
    expect(parseIndexPage({ url, contentType: html, text: apachePage(body) })).toEqual(
      names.map((name) => ({ name, kind: name === "8_8_40" ? "folder" : "object" })),
    );
  });

  it("names nothing that lies elsewhere, or deeper, or above", () => {
    const links = [
      "https://example.com/vol/x",
      "//example.com/vol/x",
      "/other",
      "a/b",
      "..",
      "./",
      "",
      "#top",
      "%2e%2e",
      "a%2Fb",
      "javascript:alert(1)",
    ];
    const text = apachePage(links.map((href) => `<a href="${href}">x</a>`).join("\n"));
    expect(parseIndexPage({ url, contentType: html, text })).toEqual([]);
  });

  it("names an object and a folder of the same name, each once", () => {
    const text = apachePage(`<a href="x">x</a>\n<a href="x/">x/</a>\n<a href="/vol/x">x</a>`);
    expect(parseIndexPage({ url, contentType: html, text })).toEqual([
      { name: "x", kind: "object" },
      { name: "x", kind: "folder" },
    ]);
  });

  it.each([
    ["another page", html, "<html><title>Welcome</title><a href='x'>x</a></html>"],
    ["a file that holds such a page", "text/plain", nginx],
    ["JSON that is no list", "application/json", `{"name":"x"}`],
    ["a list of other things", "application/json", `[{"name":"x"}]`],
    ["a list with a name that leads elsewhere", "application/json", `[{"name":"../x","type":"file"}]`],
    ["broken JSON", "application/json", `[{"name":`],
  ])("is not %s", (_name, contentType, text) => {
    expect(parseIndexPage({ url, contentType, text })).toBeUndefined();
  });
});
