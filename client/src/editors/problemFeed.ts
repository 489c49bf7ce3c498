/** The problems of one document, with the paths of their values and the titles of their quick fixes. */
import * as vscode from "vscode";
import type { Problem } from "../../../schemas/messages/infoEditor.ts";
import { debounce } from "../base/debounce.ts";
import { DisposableStore } from "../base/disposable.ts";
import type { Diagnostics } from "../context.ts";
import { EditRefusedError } from "./jsonEdits.ts";
import { pathsOfRanges } from "./problems.ts";

export interface ProblemFeed extends vscode.Disposable {
  /** What was last given to `changed`. */
  readonly current: readonly Problem[];
  /** Applies the quick fix `title` of a problem, made anew for the text as it is. Throws EditRefusedError (`conflict`) when it is gone. */
  applyFix(fix: { readonly problem: number; readonly fix: number; readonly title: string }): Promise<void>;
}

export interface ProblemFeedOptions {
  readonly document: vscode.TextDocument;
  readonly diagnostics: Diagnostics;
  readonly changed: (problems: readonly Problem[]) => void;
}

/** Pause after the last change before problems are collected. */
const delayMs = 50;
/** Bounds of what is shown; a document with more has one cause for them. */
const limits = { problems: 200, withFixes: 30 } as const;

/** Watches the problems of a document; the first collection begins at once. */
export function createProblemFeed({ document, diagnostics, changed }: ProblemFeedOptions): ProblemFeed {
  const store = new DisposableStore();
  let shown: readonly vscode.Diagnostic[] = [];
  let current: readonly Problem[] = [];
  let generation = 0;

  function publish(found: readonly vscode.Diagnostic[], problems: readonly Problem[]): void {
    shown = found;
    current = problems;
    changed(problems);
  }

  async function collect(): Promise<void> {
    const turn = ++generation;
    const found = diagnostics.get(document.uri).toSorted(byPosition).slice(0, limits.problems);
    const known = current;
    publish(
      found,
      describeAll(document, found).map((problem) => ({ ...problem, fixes: knownFixes(known, problem) })),
    );
    const titles = await titlesOfFixes(document.uri, found.slice(0, limits.withFixes));
    if (turn === generation && titles.some((list, at) => list.join("\n") !== (current[at]?.fixes ?? []).join("\n"))) {
      publish(
        found,
        current.map((problem, at) => ({ ...problem, fixes: titles[at] ?? [] })),
      );
    }
  }

  const collectSoon = store.add(debounce(() => void collect(), delayMs));
  store.add(
    diagnostics.onDidChange((uris) => {
      if (uris.some((uri) => uri.toString() === document.uri.toString())) {
        collectSoon();
      }
    }),
  );
  store.add({ dispose: () => generation++ });
  void collect();
  return {
    get current() {
      return current;
    },
    async applyFix({ problem, fix, title }) {
      const diagnostic = shown[problem];
      const isShown = current[problem]?.fixes[fix] === title;
      const actions = diagnostic === undefined || !isShown ? [] : await readFixes(document.uri, diagnostic.range, true);
      const action = actions.find((candidate) => candidate.title === title);
      if (action === undefined) {
        throw new EditRefusedError({ tag: "conflict", message: "the problem changed in the meantime; look again" });
      }
      await applyAction(action);
    },
    dispose: () => store.dispose(),
  };
}

function describeAll(document: vscode.TextDocument, found: readonly vscode.Diagnostic[]): Problem[] {
  const ranges = found.map(({ range }) => ({
    start: document.offsetAt(range.start),
    end: document.offsetAt(range.end),
  }));
  const paths = pathsOfRanges(document.getText(), ranges);
  return found.map(({ range, severity, code, message }, at) => ({
    path: paths[at] ?? [],
    severity: severities[severity],
    code: String(typeof code === "object" ? code.value : (code ?? "")),
    message,
    line: range.start.line + 1,
    fixes: [],
  }));
}

const severities = {
  [vscode.DiagnosticSeverity.Error]: "error",
  [vscode.DiagnosticSeverity.Warning]: "warning",
  [vscode.DiagnosticSeverity.Information]: "information",
  [vscode.DiagnosticSeverity.Hint]: "hint",
} as const;

/** The fixes of the same problem before, so that buttons do not flicker while the fixes are looked up. */
function knownFixes(known: readonly Problem[], problem: Problem): readonly string[] {
  const same = known.find(
    ({ code, message, path }) =>
      code === problem.code && message === problem.message && path.join() === problem.path.join(),
  );
  return same?.fixes ?? [];
}

/**
 * The titles of each problem's fixes. VS Code does not say which problem an action is for, so a problem that holds others is asked for
 * at its first character, and one that lies in others leaves out what they have.
 */
async function titlesOfFixes(uri: vscode.Uri, found: readonly vscode.Diagnostic[]): Promise<readonly string[][]> {
  const asked = await Promise.all(
    found.map(async ({ range }) => {
      const holdsOthers = found.some((other) => isInside(other.range, range));
      const asked = holdsOthers ? new vscode.Range(range.start, range.start) : range;
      // A document that was closed meanwhile has no fixes.
      const actions = await readFixes(uri, asked, false).catch(() => []);
      return actions.map(({ title }) => title);
    }),
  );
  return found.map(({ range }, at) => {
    const outer = found.flatMap((other, otherAt) => (isInside(range, other.range) ? (asked[otherAt] ?? []) : []));
    return (asked[at] ?? []).filter((title) => !outer.includes(title));
  });
}

function isInside(inner: vscode.Range, outer: vscode.Range): boolean {
  return outer.contains(inner) && !outer.isEqual(inner);
}

/** Actions to resolve, so that their edits are there. */
const maxResolved = 20;

async function readFixes(
  uri: vscode.Uri,
  range: vscode.Range,
  isResolved: boolean,
): Promise<readonly vscode.CodeAction[]> {
  const actions = await vscode.commands.executeCommand<readonly (vscode.CodeAction | vscode.Command)[] | undefined>(
    "vscode.executeCodeActionProvider",
    uri,
    range,
    vscode.CodeActionKind.QuickFix.value,
    isResolved ? maxResolved : undefined,
  );
  return (actions ?? []).filter((action): action is vscode.CodeAction => "kind" in action);
}

async function applyAction({ edit, command }: vscode.CodeAction): Promise<void> {
  if (edit !== undefined) {
    await vscode.workspace.applyEdit(edit);
  }
  if (command !== undefined) {
    await vscode.commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[]));
  }
}

function byPosition(a: vscode.Diagnostic, b: vscode.Diagnostic): number {
  return a.range.start.compareTo(b.range.start);
}
