/**
 * What every store of a web service does when the service, or the way to it, fails: a right result after all, or an error that says which of
 * absent, forbidden and unreachable it is. And that no credential gets to another host.
 */
import { afterEach, beforeEach, describe } from "vitest";
import { describeRangeFaults, describeReadFaults, describeTimeouts } from "./faults/reads.ts";
import { kibibyte, openScene, type Scene, type StoreUnderFaults } from "./faults/scene.ts";
import { describeErrorTexts, describeSecondHost } from "./faults/secrecy.ts";
import { describeListFaults, describeWriteFaults } from "./faults/writes.ts";

export function describeStoreFaults(subject: StoreUnderFaults): void {
  describe(`a ${subject.name} store with faults`, () => {
    let scene: Scene;
    beforeEach(async () => {
      scene = await openScene(subject);
      scene.service.seed("object", kibibyte);
    });
    afterEach(async () => {
      await scene.proxy.close();
      await scene.service.close();
    });
    const at = (): Scene => scene;

    describeReadFaults(at, subject);
    describeRangeFaults(at);
    describeTimeouts(at);
    describeWriteFaults(at);
    describeListFaults(at);
    describeSecondHost(at);
    describeErrorTexts(at);
  });
}
