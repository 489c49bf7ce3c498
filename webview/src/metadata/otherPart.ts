/** What is shown of a document that is not a volume: its keys and values, or what is missing for a form. */
import { createElement } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import type { DocumentView } from "./view.ts";
import { createExtraList } from "./volumePart.ts";

export interface OtherPart {
  readonly element: HTMLElement;
  update(view: DocumentView): void;
}

/** Explains, and lists what is there. */
export function createOtherPart(actions: Actions): OtherPart {
  const heading = createElement("h2");
  const text = createElement("p", { className: "quiet" });
  const list = createExtraList(actions);
  const element = createElement("section", { className: "other", children: [heading, text, list.element] });
  return {
    element,
    update(view) {
      element.hidden = view.kind === "volume" || view.kind === "loading";
      const { title, words } = wordsFor(view);
      heading.textContent = title;
      text.textContent = words;
      list.update(view.kind === "other" ? view.entries : []);
    },
  };
}

function wordsFor(view: DocumentView): { readonly title: string; readonly words: string } {
  switch (view.kind) {
    case "other":
      return { title: "Fields", words: "This kind of info has no form: change its values in the JSON." };
    case "unreadable":
      return {
        title: "Nothing to show",
        words: "The document is empty or not JSON. The form appears once it can be read.",
      };
    case "unrecognised":
      return {
        title: "Not the info of a volume",
        words:
          'The form is for documents with the fields of a volume: "type", "data_type", "num_channels" and "scales". This one has none of them; it is shown as it is.',
      };
    case "loading":
    case "volume":
      return { title: "", words: "" };
  }
}
