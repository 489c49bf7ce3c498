/** Messages between the extension host and the info editor's webview. */

/** A path inside a JSON document. */
export type JsonPath = readonly (string | number)[];

/**
 * Sets or removes one value. `json` is source text, so that 64-bit integers and number formats survive; absent = delete. A key that is
 * not there is added, and so is an element one past the end of an array.
 */
export interface FieldEdit {
  readonly path: JsonPath;
  readonly json?: string;
  /** Puts a new array element before the one at `path`, instead of replacing that. */
  readonly insert?: true;
}

export interface Problem {
  readonly path: JsonPath;
  readonly severity: "error" | "warning" | "information" | "hint";
  readonly code: string;
  readonly message: string;
  /** 1-based line in the text, for people. */
  readonly line: number;
  /** Titles of the quick fixes, in the order that `applyFix` counts. */
  readonly fixes: readonly string[];
}

export interface InfoDocument {
  readonly text: string;
  readonly version: number;
  readonly isReadOnly: boolean;
  /** Shown as the heading; never a query. */
  readonly location: string;
}

export type InfoEditorWebviewVoice = {
  requests: {
    /**
     * Edits against `version`, one undo step; each path refers to the document as the edits before it left it. The reply carries the
     * version after. A stale version is a `conflict`.
     */
    edit: [{ version: number; edits: readonly FieldEdit[]; label: string }, { version: number }];
    /** Both count from 0 in the latest `problemsChanged`; another `title` there is a `conflict`. */
    applyFix: [{ problem: number; fix: number; title: string }, Record<string, never>];
    /** Shows the JSON beside, with the value at `path` selected. */
    revealJson: [{ path: JsonPath }, Record<string, never>];
    previewSlices: [Record<string, never>, Record<string, never>];
  };
  events: { ready: Record<string, never> };
};

export type InfoEditorHostVoice = {
  requests: Record<string, [unknown, unknown]>;
  events: {
    documentChanged: InfoDocument;
    problemsChanged: { problems: readonly Problem[] };
  };
};
