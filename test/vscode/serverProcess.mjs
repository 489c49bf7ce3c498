/** The language server's process, found from outside: a test that kills it must not ask it for its id. */
import { readdirSync, readFileSync } from "node:fs";

/**
 * Ids of the language servers of the extension that is installed below `directory`.
 * @param {string} directory
 * @returns {number[]}
 */
export function findServerProcesses(directory) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const command = commandOf(name);
      return command.includes(directory) && command.includes("out/server/main.js");
    })
    .map(Number);
}

/** @param {string} id */
function commandOf(id) {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
