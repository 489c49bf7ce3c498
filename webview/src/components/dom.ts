/** Builds elements without markup, so that no string from outside is ever parsed as HTML. */

/** What `createElement` sets: `text` becomes textContent, `attributes` are set as strings, `on` are listeners. */
export interface ElementOptions {
  readonly className?: string;
  readonly text?: string;
  readonly title?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly (Node | string)[];
  readonly onClick?: (event: MouseEvent) => void;
}

/** A new element of `tag`. */
export function createElement<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: ElementOptions = {},
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (options.className !== undefined) {
    element.className = options.className;
  }
  if (options.text !== undefined) {
    element.textContent = options.text;
  }
  if (options.title !== undefined) {
    element.title = options.title;
  }
  for (const [name, value] of Object.entries(options.attributes ?? {})) {
    element.setAttribute(name, value);
  }
  element.append(...(options.children ?? []));
  const { onClick } = options;
  if (onClick !== undefined) {
    element.addEventListener("click", (event) => onClick(event as MouseEvent));
  }
  return element;
}

/** A codicon, hidden from assistive technology: name its button instead. */
export function createIcon(name: string): HTMLElement {
  return createElement("i", { className: `codicon codicon-${name}`, attributes: { "aria-hidden": "true" } });
}

/** A button that is only an icon; `label` is its accessible name and its tooltip. */
export function createIconButton(icon: string, label: string, onClick: () => void): HTMLButtonElement {
  return createElement("button", {
    className: "icon-button",
    title: label,
    attributes: { type: "button", "aria-label": label },
    children: [createIcon(icon)],
    onClick,
  });
}

/** Shows `text` in `element` only if it differs, so that live regions and selections are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
