/** `npm run bench [-- codecs|cutouts] [options]`: measures against CloudVolume in the same run; without a name, everything. */
const [name = "", ...options] = process.argv.slice(2);
const isNamed = !name.startsWith("-") && name !== "";
const rest = isNamed ? options : process.argv.slice(2);

if (isNamed && name !== "codecs" && name !== "cutouts") {
  console.error(`unknown benchmark: "${name}" (known: codecs, cutouts)`);
  process.exitCode = 2;
} else {
  if (name !== "cutouts") {
    await (await import("./codecs.mjs")).benchCodecs(rest);
  }
  if (name !== "codecs") {
    await (await import("./cutout.mjs")).benchCutouts(rest);
  }
}
