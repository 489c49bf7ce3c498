/** The little XML that the services speak. */

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
};

/** Content of an element: text, or elements already written. */
export type XmlContent = string | number | boolean | readonly XmlElement[];
export interface XmlElement {
  readonly xml: string;
}

/** `<name>content</name>`; text is escaped. */
export function element(name: string, content: XmlContent): XmlElement {
  const inner =
    typeof content === "object"
      ? content.map(({ xml }) => xml).join("")
      : String(content).replace(/[&<>"\r]/g, (character) => escapes[character] ?? character);
  return { xml: `<${name}>${inner}</${name}>` };
}

/** An element for each value that is there. */
export function elements(values: Readonly<Record<string, XmlContent | undefined>>): readonly XmlElement[] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [element(name, value)]));
}

/** The whole document. */
export function xmlDocument(name: string, content: readonly XmlElement[]): string {
  const text = element(name, content).xml.replace(
    `<${name}>`,
    `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
}

/** The inner texts of all elements of a name, still escaped; not of elements inside their like. */
export function innerTexts(xml: string, name: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>(.*?)</${name}>`, "gs"))].map(([, inner = ""]) => inner);
}

/** Text without escapes. */
export function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi,
    (_all, hex?: string, decimal?: string, name?: string) =>
      name === undefined
        ? String.fromCodePoint(Number.parseInt(hex ?? decimal ?? "", hex === undefined ? 10 : 16))
        : ({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }[name.toLowerCase()] ?? ""),
  );
}
