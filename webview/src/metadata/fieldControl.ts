/** The control of one field: checks what is typed as it is typed; Enter or leaving it commits, Escape reverts. */
import type { FieldEdit } from "../../../schemas/messages/infoEditor.ts";
import { createElement, createIcon, setText } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import type { FieldSpec } from "./fieldSpecs.ts";
import { type DraftResult, readDraft } from "./fieldText.ts";
import type { JsonDocument } from "./jsonDocument.ts";
import type { FieldView } from "./view.ts";

export interface FieldControl {
  readonly element: HTMLElement;
  update(view: FieldView, context: FieldContext): void;
}

export interface FieldContext {
  readonly json: JsonDocument;
  readonly isReadOnly: boolean;
  /** Accessible name, where no label element points to the control. */
  readonly label?: string;
  /** Ids of further elements that describe the control. */
  readonly describedBy?: readonly string[];
}

export interface FieldControlOptions {
  readonly spec: FieldSpec;
  readonly actions: Actions;
  /** The edits of a choice, where they are more than its value. */
  readonly editsOfChoice?: (json: JsonDocument, view: FieldView, choice: string) => readonly FieldEdit[];
}

/** A control for the kind of the field: a list of choices, or a line of text. */
export function createFieldControl(options: FieldControlOptions): FieldControl {
  return options.spec.kind.type === "choice" ? createChoice(options, options.spec.kind.choices) : createLine(options);
}

function createLine({ spec, actions }: FieldControlOptions): FieldControl {
  const input = createElement("input", {
    className: spec.kind.type === "text" ? "input" : "input is-numeric",
    title: spec.help,
    attributes: { type: "text", spellcheck: "false", autocomplete: "off" },
  });
  input.placeholder = spec.placeholder ?? "";
  const error = createElement("div", { className: "typed-error", attributes: { role: "alert" } });
  error.hidden = true;
  const element = createElement("div", { className: "control", children: [input, error] });
  let shown: FieldView | undefined;
  let context: FieldContext | undefined;
  /** What was sent; the next change of the value answers it. Until then, and when it is refused, the typed text stays. */
  let submitted: string | undefined;

  function check(): DraftResult {
    return shown === undefined || context === undefined
      ? { edits: [] }
      : readDraft(context.json, shown.place, input.value);
  }

  function showState(): void {
    const result = check();
    const message = "error" in result && input.value !== shown?.text ? result.error : "";
    error.hidden = message === "";
    setText(error, message);
    markProblems(input, shown, { typedError: message === "" ? undefined : error.id, context });
  }

  function commit(): void {
    const view = shown;
    const result = check();
    if (view === undefined || input.readOnly || "error" in result) {
      return;
    }
    if (result.edits.length === 0) {
      revert();
      return;
    }
    const draft = input.value;
    submitted = draft;
    actions.edit(`set ${spec.label}`, (json) => {
      const latest = readDraft(json, view.place, draft);
      return "edits" in latest ? latest.edits : [];
    });
  }

  function revert(): void {
    submitted = undefined;
    input.value = shown?.text ?? "";
    showState();
  }

  input.addEventListener("input", showState);
  input.addEventListener("blur", () => {
    commit();
    actions.focusField(undefined);
  });
  input.addEventListener("focus", () => actions.focusField(shown?.path));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      commit();
    } else if (event.key === "Escape" && input.value !== shown?.text) {
      event.stopPropagation();
      revert();
    }
  });
  return {
    element,
    update(view, next) {
      const isAnswered = submitted === input.value && view.text !== shown?.text;
      const isDraft = shown !== undefined && input.value !== shown.text && !isAnswered;
      shown = view;
      context = next;
      input.id = view.id;
      error.id = `${view.id}-error`;
      input.readOnly = next.isReadOnly;
      if (!isDraft && input.value !== view.text) {
        input.value = view.text;
      }
      if (!isDraft) {
        submitted = undefined;
      }
      showState();
    },
  };
}

function createChoice({ spec, actions, editsOfChoice }: FieldControlOptions, choices: readonly string[]): FieldControl {
  const select = createElement("select", { className: "select", title: spec.help });
  const chevron = createIcon("chevron-down");
  const element = createElement("div", { className: "control has-chevron", children: [select, chevron] });
  let shown: FieldView | undefined;
  let offered = "";
  select.addEventListener("change", () => {
    const view = shown;
    const choice = select.value;
    if (view !== undefined) {
      actions.edit(`set ${spec.label}`, (json) => {
        const result = readDraft(json, view.place, choice);
        return editsOfChoice?.(json, view, choice) ?? ("edits" in result ? result.edits : []);
      });
    }
  });
  select.addEventListener("focus", () => actions.focusField(shown?.path));
  select.addEventListener("blur", () => actions.focusField(undefined));
  return {
    element,
    update(view, context) {
      shown = view;
      select.id = view.id;
      select.disabled = context.isReadOnly;
      const all = choices.includes(view.text) ? choices : [view.text, ...choices];
      if (offered !== all.join("\n")) {
        offered = all.join("\n");
        select.replaceChildren(...all.map((choice) => optionOf(choice, choices)));
      }
      select.value = view.text;
      markProblems(select, view, { typedError: undefined, context });
    },
  };
}

function optionOf(choice: string, choices: readonly string[]): HTMLOptionElement {
  const text = choices.includes(choice) ? choice : choice === "" ? "not set" : `${choice} (not known)`;
  return createElement("option", { text, attributes: { value: choice } });
}

/** Tells assistive technology, and the style sheet, what is wrong with a field. */
function markProblems(
  control: HTMLElement,
  view: FieldView | undefined,
  { typedError, context }: { readonly typedError: string | undefined; readonly context: FieldContext | undefined },
): void {
  const problems = view?.problems ?? [];
  const isWrong = typedError !== undefined || problems.some(({ severity }) => severity === "error");
  control.setAttribute("aria-invalid", String(isWrong));
  control.classList.toggle("has-warning", !isWrong && problems.some(({ severity }) => severity === "warning"));
  const described = [typedError, ...problems.map(({ index }) => `problem-${index}`), ...(context?.describedBy ?? [])];
  setOrRemove(control, "aria-describedby", described.filter((id) => id !== undefined).join(" "));
  setOrRemove(control, "aria-label", context?.label ?? "");
}

function setOrRemove(element: HTMLElement, attribute: string, value: string): void {
  if (value === "") {
    element.removeAttribute(attribute);
  } else if (element.getAttribute(attribute) !== value) {
    element.setAttribute(attribute, value);
  }
}
