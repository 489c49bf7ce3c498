/** Rules of the encodings of a volume: which there are, who reads them, what they can hold. */

import { checkIntegerVector } from "./integers.ts";
import { insertProperty, removeChild, replaceValue, type TextEdit } from "./json/edits.ts";
import type { JsonNode } from "./json/node.ts";
import { type Fix, type LintContext, type Problem, quote, type Rule } from "./rule.ts";
import { suggest } from "./spelling.ts";
import { encodings, encodingsOf } from "./vocabulary.ts";
import type { VolumeScale } from "./volumeModel.ts";
import { missing, scaleRule } from "./volumeScales.ts";

const blockSizeKey = "compressed_segmentation_block_size";

/** Rules of encodings and their settings. */
export const volumeEncodingRules: readonly Rule[] = [
  scaleRule({ id: "PCV022", severity: "error", summary: "unknown encoding" }, function* (scale) {
    const node = scale.value("encoding");
    if (scale.property("encoding") === undefined) {
      yield missing(scale, "encoding", "raw, jpeg, png, compressed_segmentation, ...");
    } else if (node !== undefined && !isKnown(scale.encoding?.toLowerCase())) {
      const meant = scale.encoding === undefined ? undefined : suggest(scale.encoding, encodings);
      const name = node.type === "string" ? quote(node.value) : node.type;
      yield {
        message: `unknown encoding (known: ${encodings.slice(0, 10).join(", ")}): ${name}`,
        path: scale.pathOf("encoding"),
        range: node,
        fixes: meant === undefined ? [] : [change(node, meant, true)],
      };
    }
  }),
  scaleRule(
    { id: "PCV023", severity: "warning", summary: "an encoding that a target cannot read" },
    function* (scale, context) {
      const node = scale.value("encoding");
      const encoding = scale.encoding?.toLowerCase();
      if (node === undefined || encoding === undefined || !isKnown(encoding)) {
        return;
      }
      const lacking = (["neuroglancer", "tensorstore"] as const).filter(
        (target) => context.isTarget(target) && !encodingsOf[target].some((known) => known === encoding),
      );
      if (lacking.length > 0) {
        const message = `not read by ${lacking.join(" and ")} (the chunks must be converted to change that): ${quote(encoding)}`;
        yield { message, path: scale.pathOf("encoding"), range: node };
      }
    },
  ),
  limitRule("PCV024", "jpeg needs uint8 with 1 or 3 channels", "jpeg", ({ dataType, channels }) => {
    if (dataType !== "uint8") {
      return `"jpeg" holds uint8 only, not ${dataType}`;
    }
    return channels === 1 || channels === 3 ? undefined : `"jpeg" holds 1 or 3 channels, not ${channels}`;
  }),
  limitRule("PCV025", "png needs uint8 or uint16 with 1 to 4 channels", "png", ({ dataType, channels }) => {
    if (dataType !== "uint8" && dataType !== "uint16") {
      return `"png" holds uint8 and uint16 only, not ${dataType}`;
    }
    return channels <= 4 ? undefined : `"png" holds 1 to 4 channels, not ${channels}`;
  }),
  scaleRule(
    { id: "PCV026", severity: "error", summary: "compressed_segmentation needs uint32 or uint64" },
    function* (scale, context) {
      const node = scale.value("encoding");
      const dataType = knownType(context);
      if (node && dataType && isEncoded(scale, "compressed_segmentation") && !/^uint(32|64)$/.test(dataType)) {
        yield {
          message: `"compressed_segmentation" holds uint32 and uint64 only, not ${dataType}`,
          path: scale.pathOf("encoding"),
          range: node,
          fixes: [toRaw(context, scale, node), ...wideTypes(context)],
        };
      }
    },
  ),
  scaleRule(
    { id: "PCV027", severity: "error", summary: "compressed_segmentation without its block size" },
    function* (scale, { text }) {
      const encoding = scale.value("encoding");
      const property = scale.property(blockSizeKey);
      if (encoding === undefined || !isEncoded(scale, "compressed_segmentation")) {
        return;
      }
      if (property === undefined) {
        const edits = [insertProperty(text, scale.object, blockSizeKey, "[8, 8, 8]")];
        yield {
          message: `"compressed_segmentation" needs "${blockSizeKey}"`,
          path: scale.path,
          range: encoding,
          fixes: [{ title: `Insert "${blockSizeKey}": [8, 8, 8]`, edits, isSafe: false }],
        };
      } else if (property.value !== undefined) {
        const node = property.value;
        const path = scale.pathOf(blockSizeKey);
        const reset = { title: "Set to [8, 8, 8]", edits: [replaceValue(node, "[8, 8, 8]")], isSafe: false };
        for (const problem of checkIntegerVector(text, node, {
          name: blockSizeKey,
          path,
          isPositive: true,
          round: Math.round,
        })) {
          yield { ...problem, severity: "error", fixes: problem.fixes?.length ? problem.fixes : [reset] };
        }
      }
    },
  ),
  scaleRule(
    { id: "PCV028", severity: "warning", summary: "a block size with another encoding" },
    function* (scale, { text }) {
      const property = scale.property(blockSizeKey);
      const encoding = scale.encoding?.toLowerCase();
      if (property === undefined || !isKnown(encoding) || encoding === "compressed_segmentation") {
        return;
      }
      const edits = [removeChild(text, scale.object.properties, property)];
      yield {
        message: `"${blockSizeKey}" belongs to compressed_segmentation, not to ${quote(encoding)}`,
        path: scale.pathOf(blockSizeKey),
        range: property.key,
        fixes: [{ title: `Delete "${blockSizeKey}"`, edits, isSafe: true }],
      };
    },
  ),
  scaleRule(
    { id: "PCV030", severity: "error", summary: "compresso or crackle with a type that is no integer" },
    function* (scale, context) {
      const node = scale.value("encoding");
      const dataType = knownType(context);
      const isLabelCodec = isEncoded(scale, "compresso") || isEncoded(scale, "crackle");
      if (node !== undefined && isLabelCodec && dataType?.startsWith("float")) {
        const message = `${quote(scale.encoding)} holds labels, whole numbers, not ${dataType}`;
        yield { message, path: scale.pathOf("encoding"), range: node };
      }
    },
  ),
  scaleRule(
    { id: "PCV031", severity: "error", summary: "a segmentation with a lossy encoding" },
    function* (scale, context) {
      const node = scale.value("encoding");
      const quality = scale.value("jxl_quality");
      const isLossless = quality?.type === "number" && quality.value >= 100;
      const isLossy = isEncoded(scale, "jpeg") || (isEncoded(scale, "jxl") && !isLossless);
      if (node !== undefined && isLossy && context.volume?.layerType?.toLowerCase() === "segmentation") {
        yield {
          message: `lossy compression destroys labels: ${quote(scale.encoding)}`,
          path: scale.pathOf("encoding"),
          range: node,
          fixes: [toLabels(context, scale, node)],
        };
      }
    },
  ),
  scaleRule(
    { id: "PCV032", severity: "error", summary: "jpeg_quality or png_level out of range or with another encoding" },
    function* (scale, context) {
      yield* checkLevel(scale, context, { key: "jpeg_quality", encoding: "jpeg", max: 100 });
      yield* checkLevel(scale, context, { key: "png_level", encoding: "png", max: 9 });
    },
  ),
];

function isKnown(encoding: string | undefined): boolean {
  return encodings.some((known) => known === encoding);
}

function isEncoded(scale: VolumeScale, encoding: string): boolean {
  return scale.encoding?.toLowerCase() === encoding;
}

/** The data type in lower case, when the document gives one. */
function knownType({ volume }: LintContext): string | undefined {
  return volume?.dataType?.toLowerCase();
}

function change(node: JsonNode, to: string, isSafe: boolean): Fix {
  return { title: `Change to "${to}"`, edits: [replaceValue(node, `"${to}"`)], isSafe };
}

/** A rule of what an image encoding can hold; silent while the type or the channels are unknown. */
function limitRule(
  id: string,
  summary: string,
  encoding: string,
  check: (held: { readonly dataType: string; readonly channels: number }) => string | undefined,
): Rule {
  return scaleRule({ id, severity: "error", summary }, function* (scale, context) {
    const node = scale.value("encoding");
    const dataType = knownType(context);
    const channels = context.volume?.channels;
    if (node === undefined || dataType === undefined || channels === undefined || !isEncoded(scale, encoding)) {
      return;
    }
    const message = channels > 0 ? check({ dataType, channels }) : undefined;
    if (message !== undefined) {
      yield { message, path: scale.pathOf("encoding"), range: node, fixes: [change(node, "raw", false)] };
    }
  });
}

/** `raw`, which holds everything; the block size goes too. */
function toRaw({ text }: LintContext, scale: VolumeScale, node: JsonNode): Fix {
  const blockSize = scale.property(blockSizeKey);
  const removal: readonly TextEdit[] =
    blockSize === undefined ? [] : [removeChild(text, scale.object.properties, blockSize)];
  return {
    title: 'Change to "raw" (the chunks are gzipped on top of it)',
    edits: [replaceValue(node, '"raw"'), ...removal],
    isSafe: false,
  };
}

function wideTypes({ volume }: LintContext): readonly Fix[] {
  const node = volume?.object.properties.find(({ key }) => key.value === "data_type")?.value;
  if (node === undefined) {
    return [];
  }
  return ["uint32", "uint64"].map((type) => ({
    title: `Change "data_type" to "${type}"`,
    edits: [replaceValue(node, `"${type}"`)],
    isSafe: false,
  }));
}

function toLabels(context: LintContext, scale: VolumeScale, node: JsonNode): Fix {
  if (!/^uint(32|64)$/.test(knownType(context) ?? "")) {
    return change(node, "raw", false);
  }
  const blockSize =
    scale.property(blockSizeKey) === undefined
      ? [insertProperty(context.text, scale.object, blockSizeKey, "[8, 8, 8]")]
      : [];
  return {
    title: 'Change to "compressed_segmentation"',
    edits: [replaceValue(node, '"compressed_segmentation"'), ...blockSize],
    isSafe: false,
  };
}

function* checkLevel(
  scale: VolumeScale,
  { text, severityFor }: LintContext,
  { key, encoding, max }: { readonly key: string; readonly encoding: string; readonly max: number },
): Iterable<Problem> {
  const property = scale.property(key);
  const node = property?.value;
  if (property === undefined || node === undefined) {
    return;
  }
  const path = scale.pathOf(key);
  if (isKnown(scale.encoding?.toLowerCase()) && !isEncoded(scale, encoding)) {
    yield {
      message: `"${key}" belongs to ${encoding}, not to ${quote(scale.encoding)}`,
      path,
      range: property.key,
      severity: severityFor({ tensorstore: "error", spec: "error" }),
      fixes: [
        { title: `Delete "${key}"`, edits: [removeChild(text, scale.object.properties, property)], isSafe: true },
      ],
    };
  } else if (node.type !== "number" || !(node.value >= 0 && node.value <= max)) {
    const clamped = node.type === "number" ? Math.min(max, Math.max(0, node.value)) : undefined;
    const fixes =
      clamped === undefined || !Number.isFinite(clamped)
        ? []
        : [{ title: `Set to ${clamped}`, edits: [replaceValue(node, String(clamped))], isSafe: false }];
    yield {
      message: `"${key}" goes from 0 to ${max}: ${text.slice(node.offset, node.offset + Math.min(node.length, 40))}`,
      path,
      range: node,
      fixes,
    };
  }
}
