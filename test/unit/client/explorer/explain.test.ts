import { describe, expect, it } from "vitest";
import { untranslated as t } from "../../../../client/src/base/l10n.ts";
import { explain } from "../../../../client/src/explorer/explain.ts";
import { serverGoneError } from "../../../../client/src/server/serverError.ts";
import { errorCodes, isErrorTag } from "../../../../schemas/errors.ts";

describe("explain", () => {
  it("offers to restart a server that is gone", () => {
    expect(explain(serverGoneError("gone").wire, t)).toMatchObject({ action: "restartServer" });
  });

  it("offers to try again when the storage cannot be reached", () => {
    expect(explain({ tag: "unreachable", message: "timeout" }, t)).toMatchObject({
      title: "The storage cannot be reached",
      action: "retry",
    });
  });

  it("offers the log for a defect", () => {
    expect(explain({ tag: "internal", message: "x" }, t).action).toBe("showLog");
  });

  it("has a title and advice for every tag", () => {
    const tags = Object.keys(errorCodes).filter(isErrorTag);
    const empty = tags.filter((tag) => {
      const { title, advice } = explain({ tag, message: "m" }, t);
      return title === "" || advice === "";
    });
    expect(tags.length).toBeGreaterThan(10);
    expect(empty).toEqual([]);
  });
});
