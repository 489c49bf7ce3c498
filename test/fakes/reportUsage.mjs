/** Preloaded into a process by tests: at its end, one JSON line on file descriptor 3 with its CPU time and its most memory. */
import { writeSync } from "node:fs";

process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  const { maxRSS } = process.resourceUsage();
  writeSync(3, JSON.stringify({ cpuMs: (user + system) / 1000, mostBytes: maxRSS * 1024 }));
});
