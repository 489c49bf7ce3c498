import { describe, expect, it } from "vitest";
import { isServerGone, serverGoneError, toServerError } from "../../../../client/src/server/serverError.ts";

describe("toServerError", () => {
  it("rebuilds the error that a response carries", () => {
    const data = { tag: "not_found", message: 'no info: "file:///x"', data: { location: "file:///x" } };
    const error = toServerError(Object.assign(new Error("…"), { code: -32001, data }));
    expect(error.wire).toEqual(data);
    expect(error.message).toBe('no info: "file:///x"');
  });

  it("does not trust a tag that the table does not have", () => {
    const error = toServerError(Object.assign(new Error("strange"), { data: { tag: "weird", message: "x" } }));
    expect(error.wire).toEqual({ tag: "internal", message: "strange" });
  });

  it("takes the protocol's cancellation for one", () => {
    expect(toServerError(Object.assign(new Error("…"), { code: -32800 })).wire.tag).toBe("cancelled");
  });

  it("takes a rejected pending response for a server that is gone", () => {
    expect(isServerGone(toServerError(Object.assign(new Error("…"), { code: -32097 })).wire)).toBe(true);
  });

  it("keeps a ServerError as it is", () => {
    const error = serverGoneError("gone");
    expect(toServerError(error)).toBe(error);
  });

  it("tells a lost server from a storage that cannot be reached", () => {
    expect(isServerGone({ tag: "unreachable", message: "no route to host" })).toBe(false);
  });

  it("makes words of anything", () => {
    expect(toServerError("boom").wire).toEqual({ tag: "internal", message: "boom" });
  });
});
