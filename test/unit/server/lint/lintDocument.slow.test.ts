import { expect, it } from "vitest";
import { lint, longVolumeText } from "./volumeText.ts";

it("five megabytes are checked in a second of a machine of its own", () => {
  const text = longVolumeText(36_000);
  expect(text.length).toBeGreaterThan(5e6);
  const seconds = [1, 2, 3].map(() => {
    const started = process.cpuUsage();
    lint(text);
    return process.cpuUsage(started).user / 1e6;
  });
  // Threads that collect garbage count too, and a shared machine is slower.
  expect(Math.min(...seconds)).toBeLessThan(3);
});
