/** Words for people, translated. Modules that must not know `vscode` take a `Translate`. */

/** Gives `message` in the language of the user, `{0}`, `{1}` … replaced by `args`. `vscode.l10n.t` is one. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** English as it stands; for tests and for places without VS Code. */
export const untranslated: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (placeholder, index: string) => String(args[Number(index)] ?? placeholder));
