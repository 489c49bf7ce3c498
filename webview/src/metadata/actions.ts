/** What the parts of the page can ask for; the page's owner turns it into messages and state. */
import type { FieldEdit, JsonPath } from "../../../schemas/messages/infoEditor.ts";
import type { JsonDocument } from "./jsonDocument.ts";
import type { Layout } from "./state.ts";
import type { NumberedProblem } from "./view.ts";

export interface Actions {
  /** Edits the document; the edits are made from its text at the time when they are sent. `label` says what was done. */
  edit(label: string, makeEdits: (json: JsonDocument) => readonly FieldEdit[]): void;
  applyFix(problem: NumberedProblem, fix: number): void;
  /** Shows the text editor beside, at a value. */
  revealJson(path: JsonPath): void;
  previewSlices(): void;
  /** Moves the focus to the field that shows what is at `path`. */
  goTo(path: JsonPath): void;
  /** Says which value has the focus. */
  focusField(path: JsonPath | undefined): void;
  setLayout(layout: Partial<Layout>): void;
  dismissNotice(): void;
}
