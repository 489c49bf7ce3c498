/** The theme of VS Code as a webview sees it: a class on the body, CSS variables on the root. */

export type ThemeKind = "light" | "dark" | "high-contrast" | "high-contrast-light";

export interface Theme {
  readonly kind: ThemeKind;
  readonly isHighContrast: boolean;
  /** The user asked for less motion, in VS Code or in the operating system. */
  readonly prefersReducedMotion: boolean;
  /** Value of a CSS variable such as `--vscode-editor-background`, or `fallback` where the theme has none. */
  color(variable: string, fallback: string): string;
}

/** Reads the theme at this moment. */
export function readTheme(): Theme {
  const classes = document.body.classList;
  const kind = kindOf(classes);
  const style = getComputedStyle(document.documentElement);
  return {
    kind,
    isHighContrast: kind === "high-contrast" || kind === "high-contrast-light",
    prefersReducedMotion:
      classes.contains("vscode-reduce-motion") || window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    color(variable, fallback) {
      const value = style.getPropertyValue(variable).trim();
      return value === "" ? fallback : value;
    },
  };
}

/** Calls `changed` after each change of the theme; the returned function stops that. */
export function watchTheme(changed: (theme: Theme) => void): () => void {
  const observer = new MutationObserver(() => changed(readTheme()));
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-kind"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
  return () => observer.disconnect();
}

function kindOf(classes: DOMTokenList): ThemeKind {
  if (classes.contains("vscode-high-contrast-light")) {
    return "high-contrast-light";
  }
  if (classes.contains("vscode-high-contrast")) {
    return "high-contrast";
  }
  return classes.contains("vscode-light") ? "light" : "dark";
}
