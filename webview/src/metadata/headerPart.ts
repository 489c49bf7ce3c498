/** The top of the page: which document this is, what kind of volume, and what to do with it. */
import { createElement, createIcon, createIconButton, setText } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import { countOf } from "./quantities.ts";
import type { EditorState } from "./state.ts";
import type { DocumentView } from "./view.ts";

export interface HeaderPart {
  readonly element: HTMLElement;
  update(state: EditorState, view: DocumentView): void;
}

/** Title, badges and buttons. */
export function createHeaderPart(actions: Actions): HeaderPart {
  const icon = createIcon("symbol-structure");
  const name = createElement("h1");
  const folder = createElement("div", { className: "location" });
  const badges = createElement("div", { className: "badges" });
  const preview = createButton("play", "Preview Slices", () => actions.previewSlices());
  const openJson = createButton("split-horizontal", "Open JSON Beside", () => actions.revealJson([]));
  openJson.classList.add("is-secondary");
  let isJsonOpen = true;
  const toggle = createIconButton("json", "Show JSON pane", () => actions.setLayout({ isJsonOpen: !isJsonOpen }));
  const title = createElement("div", {
    className: "title",
    children: [createElement("div", { className: "name", children: [icon, name, badges] }), folder],
  });
  const buttons = createElement("div", { className: "toolbar", children: [preview, openJson, toggle] });
  return {
    element: createElement("header", { children: [title, buttons] }),
    update({ document, layout }, view) {
      const location = document?.location ?? "";
      setText(name, nameOf(location));
      setText(folder, location);
      folder.title = location;
      const texts = badgesOf(view);
      if (texts.join("\n") !== badges.dataset.texts) {
        badges.dataset.texts = texts.join("\n");
        badges.replaceChildren(...texts.map((text) => createElement("span", { className: "badge", text })));
      }
      isJsonOpen = layout.isJsonOpen;
      toggle.setAttribute("aria-pressed", String(isJsonOpen));
      preview.hidden = view.kind !== "volume";
    },
  };
}

function badgesOf(view: DocumentView): readonly string[] {
  if (view.kind === "other") {
    return [view.type.replace(/^neuroglancer_/, "").replaceAll("_", " ")];
  }
  if (view.kind !== "volume") {
    return [];
  }
  const text = (key: string): string => view.fields.find(({ place }) => place.spec.key === key)?.text ?? "";
  return [text("type"), text("data_type"), countOf(view.scales.length, "scale")].filter((badge) => badge !== "");
}

function nameOf(location: string): string {
  return location.split(/[/\\]/).findLast((part) => part !== "") ?? "info";
}

function createButton(icon: string, text: string, onClick: () => void): HTMLButtonElement {
  return createElement("button", {
    className: "button",
    attributes: { type: "button" },
    children: [createIcon(icon), createElement("span", { text })],
    onClick,
  });
}
