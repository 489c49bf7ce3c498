/** "Who am I here?" in the status bar: the identity at the location that is selected in the Buckets view, with a menu to change it. */
import * as vscode from "vscode";
import { describePlace, readIdentity } from "../../../schemas/protocol/storage.ts";
import { debounce } from "../base/debounce.ts";
import { DisposableStore } from "../base/disposable.ts";
import type { ClientContext } from "../context.ts";
import { commands } from "../contributions.ts";
import type { BucketsView } from "../explorer/bucketsView.ts";
import { isPlaceNode } from "../explorer/explorerNode.ts";
import { localPathOf, withoutQuery } from "../fileSystem/locationText.ts";
import { identityText } from "./identityText.ts";

/** Pause after a selection, so that walking through rows asks nothing. */
const pauseMs = 300;

/** Shows the item while a location with an identity is selected. */
export function registerIdentityItem(
  ctx: ClientContext,
  buckets: Pick<BucketsView, "selected" | "onDidSelect">,
): vscode.Disposable {
  const disposables = new DisposableStore();
  const item = disposables.add(
    vscode.window.createStatusBarItem("cloudvolume.identity", vscode.StatusBarAlignment.Left),
  );
  item.name = vscode.l10n.t("CloudVolume Identity");
  item.command = commands.showIdentity;
  const look = disposables.add(
    debounce(() => {
      const node = buckets.selected;
      const location = node !== undefined && isPlaceNode(node) ? node.location : undefined;
      void show(ctx, item, location, () => buckets.selected === node);
    }, pauseMs),
  );
  disposables.add(buckets.onDidSelect(look));
  disposables.add(ctx.onDidChangeCredentials(look));
  disposables.add(ctx.server.onDidRestart(look));
  return disposables;
}

async function show(
  { server }: ClientContext,
  item: vscode.StatusBarItem,
  location: string | undefined,
  isWanted: () => boolean,
): Promise<void> {
  const t = vscode.l10n.t;
  try {
    const isAsked = location !== undefined && localPathOf(location) === undefined;
    const { identity } = isAsked ? await server.request(readIdentity, { location }) : {};
    const scheme = isAsked ? (await server.request(describePlace, { text: location })).scheme : "";
    if (!isWanted()) {
      return;
    }
    if (identity === undefined || location === undefined) {
      item.hide();
      return;
    }
    const who = identityText(identity, t);
    item.text = `$(account) ${scheme}: ${who}`;
    item.tooltip = t("You are {0} at {1}", who, withoutQuery(location));
    item.accessibilityInformation = { label: item.tooltip };
    item.show();
  } catch {
    // The tree says what is wrong with the location; here nothing is known.
    item.hide();
  }
}
