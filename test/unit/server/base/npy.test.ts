import { describe, expect, it } from "vitest";
import { formatNpyHeader, parseNpyHeader, toFortranOrder } from "../../../../server/src/base/npy.ts";

/** numpy.save of zeros((2, 3, 4, 1), "<u2", order="F"), up to its voxels. */
const ofNumpy = Buffer.concat([
  Buffer.from("934e554d505901007600", "hex"),
  Buffer.from("{'descr': '<u2', 'fortran_order': True, 'shape': (2, 3, 4, 1), }".padEnd(117) + "\n"),
]);

it("writes the header that numpy writes", () => {
  expect(Buffer.from(formatNpyHeader("uint16", [2, 3, 4, 1])).equals(ofNumpy)).toBe(true);
});

it("reads it back", () => {
  expect(parseNpyHeader(ofNumpy)).toEqual({ dtype: "uint16", order: "F", shape: [2, 3, 4, 1], dataOffset: 128 });
});

it("reads version 2, C order, and one byte types of any byte order", () => {
  const text = "{'descr': '>u1', 'fortran_order': False, 'shape': (5,), }\n";
  const header = Buffer.concat([Buffer.from("934e554d5059020000000000", "hex"), Buffer.from(text)]);
  header.writeUInt32LE(text.length, 8);
  expect(parseNpyHeader(header)).toEqual({ dtype: "uint8", order: "C", shape: [5], dataOffset: 12 + text.length });
});

describe("refuses", () => {
  const withText = (text: string): Buffer => {
    const header = Buffer.concat([Buffer.from("934e554d505901000000", "hex"), Buffer.from(text)]);
    header.writeUInt16LE(text.length, 8);
    return header;
  };
  it.each([
    ["another file", Buffer.from("PK\u0003\u0004"), "invalid_argument"],
    ["nothing", Buffer.alloc(0), "invalid_argument"],
    ["a header that is cut off", ofNumpy.subarray(0, 60), "invalid_argument"],
    ["a header without a shape", withText("{'descr': '<u2', 'fortran_order': True}"), "invalid_argument"],
    ["big-endian numbers", withText("{'descr': '>u2', 'fortran_order': True, 'shape': (1,), }"), "unsupported"],
    ["complex numbers", withText("{'descr': '<c8', 'fortran_order': True, 'shape': (1,), }"), "unsupported"],
  ])("%s", (_, bytes, tag) => {
    expect(() => parseNpyHeader(bytes)).toThrow(expect.objectContaining({ tag }));
  });
});

it("turns C order into Fortran order", () => {
  // [[[0 1] [2 3] [4 5]]] has the shape (1, 3, 2): x fastest it is 0 2 4 1 3 5.
  expect([...toFortranOrder(new Uint8Array([0, 1, 2, 3, 4, 5]), [1, 3, 2], 1)]).toEqual([0, 2, 4, 1, 3, 5]);
  expect([...toFortranOrder(new Uint8Array([0, 9, 1, 9, 2, 9, 3, 9]), [2, 2], 2)]).toEqual([0, 9, 2, 9, 1, 9, 3, 9]);
});
