/** What the page shows, computed from the state: fields with their texts, the scales with what follows from them, and whose problem is whose. */
import type { JsonPath, Problem } from "../../../schemas/messages/infoEditor.ts";
import { bytesOfDataType, type FieldSpec, parametersOf, scaleFields, volumeFields } from "./fieldSpecs.ts";
import { type FieldPlace, pathOfField, textOfField } from "./fieldText.ts";
import { type JsonDocument, memberOf, membersOf, type Node, nodeAt, sourceOf } from "./jsonDocument.ts";
import { scalesOf } from "./scaleEdits.ts";
import { describeScale, type ScaleFacts } from "./scaleFacts.ts";
import type { EditorState } from "./state.ts";

/** A problem and its place in the list, which names it to the host. */
export interface NumberedProblem extends Problem {
  readonly index: number;
}

export interface FieldView {
  /** Unique on the page; also the id of its control. */
  readonly id: string;
  readonly place: FieldPlace;
  readonly path: JsonPath;
  readonly text: string;
  readonly isPresent: boolean;
  readonly problems: readonly NumberedProblem[];
}

/** A key that the form does not know. */
export interface ExtraView {
  readonly key: string;
  readonly source: string;
  readonly path: JsonPath;
}

export interface ScaleView {
  readonly index: number;
  readonly path: JsonPath;
  /** The key, or "scale 2" where there is none: names the scale in labels. */
  readonly name: string;
  readonly fields: Readonly<Record<keyof typeof scaleFields, FieldView>>;
  readonly parameters: readonly FieldView[];
  readonly extras: readonly ExtraView[];
  readonly facts: ScaleFacts;
  /** All problems in the scale, those of its fields included. */
  readonly problems: readonly NumberedProblem[];
}

export type DocumentView =
  | { readonly kind: "loading" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "unrecognised" }
  | { readonly kind: "other"; readonly type: string; readonly entries: readonly ExtraView[] }
  | {
      readonly kind: "volume";
      readonly fields: readonly FieldView[];
      readonly extras: readonly ExtraView[];
      readonly scales: readonly ScaleView[];
      /** Problems that no field or scale shows. */
      readonly looseProblems: readonly NumberedProblem[];
    };

/** What to show of the document. */
export function viewOf({ json, problems }: EditorState): DocumentView {
  if (json === undefined) {
    return { kind: "loading" };
  }
  if (json.root?.type !== "object") {
    return { kind: json.syntaxProblem === undefined ? "unrecognised" : "unreadable" };
  }
  const type = memberOf(json.root, "@type")?.value;
  if (isVolume(json.root)) {
    return volumeView(
      { ...json, root: json.root },
      problems.map((problem, index) => ({ ...problem, index })),
    );
  }
  return typeof type === "string" && type.startsWith("neuroglancer_")
    ? { kind: "other", type, entries: extrasOf(json, json.root, [], []) }
    : { kind: json.syntaxProblem === undefined ? "unrecognised" : "unreadable" };
}

/** The id of the element that shows what is at `path`: of a field, of a scale, or of the page. */
export function anchorOf(view: DocumentView, path: JsonPath): string | undefined {
  if (view.kind !== "volume") {
    return undefined;
  }
  const scale = view.scales.find((candidate) => isPrefix(candidate.path, path));
  const fields = scale === undefined ? view.fields : fieldsOfScale(scale);
  const field = fields.find((candidate) => isPrefix([...candidate.place.base, candidate.place.spec.key], path));
  return field?.id ?? (scale === undefined ? undefined : scale.fields.key.id);
}

/** All fields of a scale, those of its encoding included. */
export function fieldsOfScale({ fields, parameters }: Pick<ScaleView, "fields" | "parameters">): readonly FieldView[] {
  return [...Object.values(fields), ...parameters];
}

/** By what the linter goes too: scales, or two of the other fields of a volume; and no other `@type`. */
function isVolume(root: Node): boolean {
  const type = memberOf(root, "@type")?.value;
  if (typeof type === "string" && type.startsWith("neuroglancer_") && type !== "neuroglancer_multiscale_volume") {
    return false;
  }
  const known = ["type", "data_type", "num_channels"].filter((key) => memberOf(root, key) !== undefined);
  return memberOf(root, "scales") !== undefined || known.length >= 2;
}

function volumeView(json: JsonDocument & { readonly root: Node }, problems: readonly NumberedProblem[]): DocumentView {
  const fields = volumeFields.map((spec) => fieldView(json, { spec, base: [] }, problems));
  const channels = memberOf(json.root, "num_channels");
  const volume = {
    bytesPerValue: bytesOfDataType(String(memberOf(json.root, "data_type")?.value)),
    channels: channels === undefined ? "1" : sourceOf(json.text, channels),
  };
  const scales = scalesOf(json).map((_, index) => scaleView(json, index, { problems, volume }));
  const shown = new Set([...fields, ...scales].flatMap((part) => part.problems));
  return {
    kind: "volume",
    fields,
    scales,
    extras: extrasOf(json, json.root, [], [...volumeFields.map(({ key }) => key), "scales"]),
    looseProblems: problems.filter((problem) => !shown.has(problem)),
  };
}

interface VolumeFacts {
  readonly bytesPerValue: number | undefined;
  readonly channels: string;
}

function scaleView(
  json: JsonDocument,
  index: number,
  { problems, volume }: { readonly problems: readonly NumberedProblem[]; readonly volume: VolumeFacts },
): ScaleView {
  const path = ["scales", index];
  const node = nodeAt(json.root, path);
  const own = problems.filter((problem) => isPrefix(path, problem.path));
  const view = (spec: FieldSpec): FieldView => fieldView(json, { spec, base: path }, own);
  const fields = {
    key: view(scaleFields.key),
    resolution: view(scaleFields.resolution),
    size: view(scaleFields.size),
    voxel_offset: view(scaleFields.voxel_offset),
    chunk_sizes: view(scaleFields.chunk_sizes),
    encoding: view(scaleFields.encoding),
  };
  const parameters = parametersOf(fields.encoding.text).map(view);
  const shown = [...fieldsOfScale({ fields, parameters }).map(({ place }) => place.spec.key), "sharding"];
  return {
    index,
    path,
    name: fields.key.text === "" ? `scale ${index}` : fields.key.text,
    fields,
    parameters,
    extras: node === undefined ? [] : extrasOf(json, node, path, shown),
    facts: describeScale(json, node, volume),
    problems: own,
  };
}

function fieldView(json: JsonDocument, place: FieldPlace, problems: readonly NumberedProblem[]): FieldView {
  const path = [...place.base, place.spec.key];
  return {
    id: `field-${path.join("-")}`,
    place,
    path: pathOfField(json, place),
    text: textOfField(json, place),
    isPresent: nodeAt(json.root, path) !== undefined,
    problems: problems.filter((problem) => isPrefix(path, problem.path)),
  };
}

/** Longest source of a value that is shown. */
const maxSourceCharacters = 300;

function extrasOf(
  { text }: JsonDocument,
  object: Node,
  base: JsonPath,
  known: readonly string[],
): readonly ExtraView[] {
  return membersOf(object)
    .filter(([key]) => !known.includes(key))
    .map(([key, value]) => {
      const source = sourceOf(text, value).replace(/\s+/g, " ");
      const isLong = source.length > maxSourceCharacters;
      return { key, path: [...base, key], source: isLong ? `${source.slice(0, maxSourceCharacters)} …` : source };
    });
}

function isPrefix(prefix: JsonPath, path: JsonPath): boolean {
  return prefix.every((segment, at) => segment === path[at]);
}
