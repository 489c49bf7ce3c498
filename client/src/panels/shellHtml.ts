/** The HTML around a webview's script: content security policy, nonce, style sheets. Nothing in it comes from a bucket. */

export interface ShellParts {
  readonly nonce: string;
  /** `webview.cspSource`. */
  readonly cspSource: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  readonly codiconUri: string;
  readonly title: string;
  readonly language: string;
}

/**
 * A page that may run one script and two style sheets, show blobs and data images, run blob workers, and connect to nobody.
 * The script finds an empty `<div id="root">`.
 */
export function shellHtml(parts: ShellParts): string {
  const { nonce, cspSource } = parts;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}' ${cspSource}`,
    `font-src ${cspSource}`,
    "img-src blob: data:",
    "worker-src blob:",
    "connect-src 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escapeHtml(parts.language)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(parts.title)}</title>
<link rel="stylesheet" id="vscode-codicon-stylesheet" nonce="${nonce}" href="${escapeHtml(parts.codiconUri)}">
<link rel="stylesheet" nonce="${nonce}" href="${escapeHtml(parts.styleUri)}">
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" src="${escapeHtml(parts.scriptUri)}"></script>
</body>
</html>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
