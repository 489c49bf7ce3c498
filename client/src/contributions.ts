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
  pinFolder: "cloudvolume.pinFolder",
  openPath: "cloudvolume.openPath",
  filter: "cloudvolume.filter",
  clearFilter: "cloudvolume.clearFilter",
  download: "cloudvolume.download",
  upload: "cloudvolume.upload",
  newFolder: "cloudvolume.newFolder",
  move: "cloudvolume.move",
  deleteObjects: "cloudvolume.deleteObjects",
  copyLink: "cloudvolume.copyLink",
  showProperties: "cloudvolume.showProperties",
  allowChanges: "cloudvolume.allowChanges",
  makeReadOnly: "cloudvolume.makeReadOnly",
  showIdentity: "cloudvolume.showIdentity",
  signIn: "cloudvolume.signIn",
  useCredentialFile: "cloudvolume.useCredentialFile",
  forgetCredentials: "cloudvolume.forgetCredentials",
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
  writable: "writable",
  locked: "locked",
  filtered: "filtered",
} as const;

/** Scheme of the file system of locations. */
export const fileSystemScheme = "cloudvolume";

/** Scheme of what is stored, in the comparison that a conflict shows. */
export const storedTextScheme = "cloudvolume-stored";

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
