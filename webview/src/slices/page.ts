/** The parts of the page and how they are put together. */
import type { Announcer } from "../components/announcer.ts";
import { createAnnouncer } from "../components/announcer.ts";
import { createElement } from "../components/dom.ts";
import { createHelp, createServerBanner, keyHelpText } from "./notices.ts";
import { createStatusLine, type StatusLine } from "./statusLine.ts";

/** Id of the element that describes the keys of the panels. */
export const panelHelpId = "panel-help";

/** The parts that need no listener. */
export interface PageParts {
  /** Holds the canvas and the panels. */
  readonly view: HTMLElement;
  readonly progress: HTMLElement;
  readonly banner: HTMLElement;
  readonly help: HTMLElement;
  readonly status: StatusLine;
  readonly announcer: Announcer;
}

export function createPageParts(): PageParts {
  return {
    view: createElement("main", { className: "view", attributes: { "aria-label": "Slices" } }),
    progress: createElement("div", { className: "progress", attributes: { "aria-hidden": "true" } }),
    banner: createServerBanner(),
    help: createHelp(),
    status: createStatusLine(),
    announcer: createAnnouncer(),
  };
}

export interface PageContent {
  readonly toolbar: HTMLElement;
  readonly panels: readonly HTMLElement[];
  readonly empty: HTMLElement;
  readonly sidebar: HTMLElement;
}

/** Fills `root`. */
export function assemblePage(root: HTMLElement, parts: PageParts, content: PageContent): void {
  parts.view.append(...content.panels, parts.progress, content.empty, parts.help);
  root.classList.add("slices");
  root.replaceChildren(
    content.toolbar,
    parts.banner,
    createElement("div", { className: "content", children: [parts.view, content.sidebar] }),
    parts.status.element,
    createElement("div", { className: "visually-hidden", text: keyHelpText(), attributes: { id: panelHelpId } }),
    parts.announcer.element,
  );
}
