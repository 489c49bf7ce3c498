/** `npm run bench [-- codecs|cutouts|gets|scaling] [options]`: measures against CloudVolume in the same run; without a name, everything. */
import { benchCodecs } from "./codecs.mjs";
import { benchCutouts } from "./cutouts.mjs";
import { benchGets } from "./gets.mjs";
import { benchScaling } from "./scaling.mjs";

/** @type {Readonly<Record<string, (args: readonly string[]) => Promise<void>>>} */
const benches = { codecs: benchCodecs, cutouts: benchCutouts, gets: benchGets, scaling: benchScaling };
const [name = "", ...options] = process.argv.slice(2);
const isNamed = name !== "" && !name.startsWith("-");

if (isNamed && benches[name] === undefined) {
  console.error(`unknown benchmark: "${name}" (known: ${Object.keys(benches).join(", ")})`);
  process.exitCode = 2;
} else {
  for (const [title, run] of Object.entries(benches)) {
    if (!isNamed || title === name) {
      await run(isNamed ? options : process.argv.slice(2));
    }
  }
}
