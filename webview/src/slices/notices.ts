/** What stands in for slices or above them: nothing to show yet, the server restarting, the list of keys. */
import { createElement, createIcon, setText } from "../components/dom.ts";
import { keyHelp } from "./keyboard.ts";
import { hintFor } from "./problems.ts";
import type { SliceModel } from "./state.ts";

/** The centre of an empty view. */
export interface EmptyNotice {
  readonly element: HTMLElement;
  update(model: SliceModel, hasShown: boolean): void;
}

export function createEmptyNotice(listener: {
  readonly add: () => void;
  readonly retry: (id: number) => void;
}): EmptyNotice {
  const icon = createElement("div", { className: "empty-icon" });
  const title = createElement("div", { className: "empty-title" });
  const text = createElement("div", { className: "empty-text" });
  const button = createElement("button", { className: "button", attributes: { type: "button" } });
  const element = createElement("div", { className: "empty", children: [icon, title, text, button] });
  let act = listener.add;
  button.addEventListener("click", () => act());
  const show = (name: string, heading: string, body: string, action?: string): void => {
    if (icon.dataset.icon !== name) {
      icon.dataset.icon = name;
      icon.replaceChildren(createIcon(name));
    }
    setText(title, heading);
    setText(text, body);
    button.hidden = action === undefined;
    setText(button, action ?? "");
  };
  return {
    element,
    update(model, hasShown) {
      const failed = model.layers.find(({ layer }) => layer.problem !== undefined)?.layer;
      element.hidden = model.layers.some(({ layer }) => layer.volume !== undefined);
      element.setAttribute("role", failed === undefined ? "status" : "alert");
      if (!hasShown) {
        show("loading", "Starting…", "");
      } else if (model.layers.length === 0) {
        act = listener.add;
        show("layers", "No layers", "Add an image or a segmentation to see its slices.", "Add a layer");
      } else if (failed?.problem !== undefined) {
        const { id, name, problem } = failed;
        act = () => listener.retry(id);
        show("error", `“${name}” cannot be shown`, `${problem.message}. ${hintFor(problem.tag)}`, "Retry");
      } else {
        show("loading", "Opening…", model.layers.map(({ layer }) => layer.name).join(", "));
      }
    },
  };
}

/** The banner while there is no server. */
export function createServerBanner(): HTMLElement {
  const banner = createElement("div", {
    className: "banner",
    attributes: { role: "status" },
    children: [
      createIcon("sync"),
      createElement("span", {
        text: "The engine stopped and is starting again. What is drawn stays; the rest follows.",
      }),
    ],
  });
  banner.hidden = true;
  return banner;
}

/** The keys as a list that can be shown over the panels. */
export function createHelp(): HTMLElement {
  const rows = keyHelp.flatMap(([keys, meaning]) => [
    createElement("dt", { text: keys }),
    createElement("dd", { text: meaning }),
  ]);
  const help = createElement("div", {
    className: "help",
    attributes: { role: "region", "aria-label": "Keys" },
    children: [createElement("dl", { children: rows })],
  });
  help.hidden = true;
  return help;
}

/** The same for screen readers, one sentence. */
export function keyHelpText(): string {
  return keyHelp.map(([keys, meaning]) => `${keys}: ${meaning}`).join("; ");
}
