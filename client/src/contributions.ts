/**
 * Ids of everything that package.json contributes, typed. Nobody else writes such an id; a test compares this table with the manifest.
 */
import { type SliceCommand, sliceCommands } from "../../schemas/messages/slices.ts";

/** Commands. */
export const commands = {
  addFolder: "cloudvolume.addFolder",
  addLocation: "cloudvolume.addLocation",
  openSample: "cloudvolume.openSample",
  refresh: "cloudvolume.refresh",
  removeLocation: "cloudvolume.removeLocation",
  previewSlices: "cloudvolume.previewSlices",
  openInfo: "cloudvolume.openInfo",
  openFile: "cloudvolume.openFile",
  copyLocation: "cloudvolume.copyLocation",
  copyAsPython: "cloudvolume.copyAsPython",
  revealInOs: "cloudvolume.revealInOs",
  loadMore: "cloudvolume.loadMore",
  retry: "cloudvolume.retry",
  showLog: "cloudvolume.showLog",
  restartServer: "cloudvolume.restartServer",
} as const;

/** The command that does `name` in the slice panel that is in front. */
export function sliceCommandId<Name extends SliceCommand>(name: Name): `cloudvolume.slices.${Name}` {
  return `cloudvolume.slices.${name}`;
}

/** Activity bar containers. */
export const viewContainers = { main: "cloudvolume" } as const;

/** Views. */
export const views = { buckets: "cloudvolume.buckets" } as const;

/** Custom editors, by view type. */
export const customEditors = { info: "cloudvolume.infoEditor" } as const;

/** Webview panels, by view type. Not part of the manifest except for their activation event. */
export const panels = { slices: "cloudvolume.slices" } as const;

/** Settings. */
export const settings = {
  renderer: "cloudvolume.renderer",
  lintRules: "cloudvolume.lint.rules",
  lintTargets: "cloudvolume.lint.targets",
  cacheSizeMB: "cloudvolume.cache.sizeMB",
  traceServer: "cloudvolume.trace.server",
} as const;

/** Context keys that this extension sets, and that `when` clauses read. */
export const contextKeys = { isInfoDocument: "cloudvolume.isInfoDocument" } as const;

/** `contextValue` of tree nodes: words joined by a blank, matched by `viewItem =~ /\bword\b/`. */
export const nodeContexts = {
  root: "root",
  layer: "layer",
  volume: "volume",
  scale: "scale",
  folder: "folder",
  file: "file",
  local: "local",
  removable: "removable",
} as const;

/** Scheme of the read-only file system. */
export const fileSystemScheme = "cloudvolume";

/** Walkthroughs. */
export const walkthroughs = { start: "cloudvolume.start" } as const;

/** The whole table as plain data, for the test that compares it with package.json. */
export const contributions = {
  commands: [...Object.values(commands), ...sliceCommands.map(sliceCommandId)],
  viewContainers: Object.values(viewContainers),
  views: Object.values(views),
  customEditors: Object.values(customEditors),
  panels: Object.values(panels),
  settings: Object.values(settings),
  contextKeys: Object.values(contextKeys),
  walkthroughs: Object.values(walkthroughs),
} as const;
