/** Which hosts are not on the public internet: this machine, private networks, link-local and metadata services. */

/** Is the host (a name, an IPv4 address, or an IPv6 address with or without brackets) private by what it says itself? */
export function isPrivateHost(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  const isLocalName = !name.includes(".") && !name.includes(":");
  return isLocalName || /\.(localhost|local|internal|home\.arpa)$/.test(name) || isPrivateAddress(name);
}

/** Is this IP address loopback, private, link-local, shared, multicast, reserved or unspecified? A name is not an address. */
export function isPrivateAddress(address: string): boolean {
  const text = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const v4 = parseV4(text);
  if (v4 !== undefined) {
    return isPrivateV4(v4);
  }
  const v6 = parseV6(text);
  return v6 !== undefined && isPrivateV6(v6);
}

type Quad = readonly [number, number, number, number];

function parseV4(text: string): Quad | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  return parts?.every((part) => part < 256) ? (parts as unknown as Quad) : undefined;
}

function isPrivateV4([a, b, c]: Quad): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && c === 0) ||
    (a === 198 && (b === 18 || b === 19))
  );
}

/** The eight groups of an IPv6 address, also with an IPv4 tail. */
function parseV6(text: string): readonly number[] | undefined {
  if (!text.includes(":")) {
    return undefined;
  }
  const tail = parseV4(text.slice(text.lastIndexOf(":") + 1));
  const plain =
    tail === undefined
      ? text
      : text.slice(0, text.lastIndexOf(":") + 1) +
        `${((tail[0] << 8) | tail[1]).toString(16)}:${((tail[2] << 8) | tail[3]).toString(16)}`;
  const [head = "", rest] = plain.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = groups(rest ?? "");
  const zeros = rest === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...new Array<number>(Math.max(0, zeros)).fill(0), ...after];
  return all.length === 8 && all.every((group) => group >= 0 && group <= 0xffff) ? all : undefined;
}

function isPrivateV6(groups: readonly number[]): boolean {
  const [first = 0, second = 0, , , , , high = 0, low = 0] = groups;
  const embedded: Quad = [high >> 8, high & 255, low >> 8, low & 255];
  const leading = groups.slice(0, 5).every((group) => group === 0);
  if (leading && (groups[5] === 0xffff || groups[5] === 0)) {
    return isPrivateV4(embedded); // ::, ::1, IPv4-mapped, IPv4-compatible
  }
  if (first === 0x64 && second === 0xff9b) {
    return isPrivateV4(embedded); // NAT64
  }
  if (first === 0x2002) {
    return isPrivateV4([second >> 8, second & 255, (groups[2] ?? 0) >> 8, (groups[2] ?? 0) & 255]); // 6to4
  }
  return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 || (first & 0xff00) === 0xff00;
}
