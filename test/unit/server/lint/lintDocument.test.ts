import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLintConfig } from "../../../../server/src/lint/config.ts";
import { lintDocument, maxFindings, maxTextLength } from "../../../../server/src/lint/lintDocument.ts";
import { fileNameOf, runLint } from "../../../../server/src/lint/report.ts";
import { lint, longVolumeText, scaleText, volumeText } from "./volumeText.ts";

describe("bounds", () => {
  it("a megabyte takes a moment, and the worst findings come first", () => {
    const text = longVolumeText(7_200);
    expect(text.length).toBeGreaterThan(1e6);
    const started = process.cpuUsage();
    const findings = lint(text);
    const { user, system } = process.cpuUsage(started);
    expect(findings).toHaveLength(maxFindings);
    expect(findings.every(({ severity }) => severity === "error")).toBe(true);
    // A fifth of a second on a machine of its own; quadratic time would be minutes.
    expect((user + system) / 1e6).toBeLessThan(3);
  });

  it("a document without end is not read", () => {
    const text = " ".repeat(maxTextLength + 1);
    expect(lintDocument(text, { fileName: "info" }).findings).toEqual([]);
    expect(lint(text, { isExplicit: true })[0]?.message).toContain("too long to be checked");
  });

  it("no text makes it throw", () => {
    const parts = [
      '{"type": "image", "scales": [',
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"key"',
      '"size"',
      "null",
      "1e999",
      "-1",
      '"@type"',
      '"chunk_sizes"',
      '"encoding"',
      '"raw"',
      "NaN",
      "'",
      "/*",
      '"sharding"',
      '"mesh"',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts), { maxLength: 40 }),
        fc.constantFrom("info", "provenance"),
        (chosen, fileName) => {
          for (const isExplicit of [true, false]) {
            lintDocument(chosen.join(" "), { fileName, isExplicit });
          }
        },
      ),
      { seed: 3, numRuns: 500 },
    );
  });

  it("no JSON makes it throw", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (scale, value) => {
        const document = {
          type: "image",
          data_type: value,
          num_channels: value,
          scales: [scale, { key: value, size: value }],
        };
        lint(JSON.stringify(document));
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe("config", () => {
  it("sets the severity of a rule, and switches on one that is off by default", () => {
    const config = { rules: { PCV042: "warning", PCV041: "error" }, targets: [] } as const;
    expect(lint(volumeText({ colour: "1" }), { config }).map(({ rule, severity }) => `${rule} ${severity}`)).toEqual([
      "PCV042 warning",
      "PCV041 error",
    ]);
  });

  it("is read from settings, wrong parts left out and told", () => {
    const { config, problems } = parseLintConfig({
      rules: { PCV001: "off", PCV002: "fatal", PCV003: 1 },
      targets: ["tensorstore", "itksnap"],
    });
    expect({ ...config.rules }).toEqual({ PCV001: "off" });
    expect(config.targets).toEqual(["tensorstore"]);
    expect(problems).toEqual([
      'unknown severity of "PCV002": "fatal" (known: off, error, warning, information, hint)',
      'unknown severity of "PCV003": 1 (known: off, error, warning, information, hint)',
      'unknown target: "itksnap" (known: neuroglancer, cloudvolume, tensorstore, igneous, spec)',
    ]);
  });

  it.each([undefined, null, 5, [], { rules: [], targets: "x" }])("is the default for %j", (settings) => {
    expect(parseLintConfig(settings).config.targets).toEqual(["neuroglancer", "cloudvolume", "tensorstore"]);
  });
});

describe("runLint", () => {
  const broken = volumeText({ num_channels: "-1" });

  it("prints a line for each finding and exits 5 on errors", () => {
    expect(runLint([{ name: "layer/info", text: broken }])).toEqual({
      output: 'layer/info:4:19: error PCV052 "num_channels" needs a positive integer: -1\n',
      exitCode: 5,
    });
  });

  it("is silent about sound documents", () => {
    expect(runLint([{ name: "layer/info", text: volumeText() }])).toEqual({ output: "", exitCode: 0 });
  });

  it("exits 0 on warnings", () => {
    const report = runLint([{ name: "info", text: volumeText({}, [scaleText({ voxel_offset: undefined })]) }]);
    expect(report.output).toContain("info:6:5: warning PCV009");
    expect(report.exitCode).toBe(0);
  });

  it("prints JSON", () => {
    const { output, exitCode } = runLint(
      [
        { name: "a/info", text: broken },
        { name: "b/info", text: volumeText() },
      ],
      { format: "json" },
    );
    expect(exitCode).toBe(5);
    expect(JSON.parse(output)).toEqual([
      {
        file: "a/info",
        kind: "volume",
        findings: [
          {
            rule: "PCV052",
            severity: "error",
            message: '"num_channels" needs a positive integer: -1',
            path: "/num_channels",
            line: 4,
            column: 19,
            endLine: 4,
            endColumn: 21,
            fixes: ["Set to 1"],
          },
        ],
      },
      { file: "b/info", kind: "volume", findings: [] },
    ]);
  });

  it("counts lines of every line end and columns in UTF-16", () => {
    const text = '{"type": "image",\r\n"scales": [], "data_type": "uint8",\r\t"😀": 1, "num_channels": 0}';
    expect(
      runLint([{ name: "info", text }], { config: { rules: { PCV041: "off", PCV003: "off" }, targets: [] } }).output,
    ).toBe('info:3:27: error PCV052 "num_channels" needs a positive integer: 0\n');
  });

  it.each([
    ["/a/b/info", "info"],
    ["C:\\a\\provenance", "provenance"],
    ["precomputed://gs://b/l/info?x=/y", "info"],
    ["gs://b/l/info|precomputed:", "info"],
    ["info", "info"],
  ])("knows the file name of %s", (name, expected) => {
    expect(fileNameOf(name)).toBe(expected);
  });
});
