/** The extension: builds the context, registers the parts, and hands back what tests and other extensions may use. */
import type * as vscode from "vscode";
import { createApi, type ExtensionApi } from "./api.ts";
import { askLocation } from "./commands/askLocation.ts";
import { registerCommands } from "./commands/registerCommands.ts";
import { uploadInto } from "./commands/upload.ts";
import { createClientContext } from "./context.ts";
import { registerIdentityItem } from "./credentials/identityItem.ts";
import { registerInfoEditor } from "./editors/infoEditor.ts";
import { createBucketsView } from "./explorer/bucketsView.ts";
import { registerLocationFileSystem } from "./fileSystem/locationFileSystem.ts";
import { createPickLayer } from "./panels/pickLayer.ts";
import { createSlicePanels } from "./panels/slicePanels.ts";
import { registerDocuments } from "./server/documents.ts";
import { registerServerSettings } from "./server/serverSettings.ts";
import { registerStatusItem } from "./server/statusItem.ts";

/** Called by VS Code. Starts no process: the server comes with the first thing that needs it. */
export function activate(extension: vscode.ExtensionContext): ExtensionApi {
  const ctx = createClientContext(extension);
  extension.subscriptions.push(ctx.disposables);
  const buckets = ctx.disposables.add(createBucketsView(ctx, (files, folder) => uploadInto(ctx, folder, files)));
  const pickLayer = createPickLayer({
    ctx,
    knownVolumes: () => buckets.knownVolumes(),
    askLocation: (title) => askLocation(ctx, title),
  });
  const panels = ctx.disposables.add(createSlicePanels(ctx, pickLayer));
  for (const part of [
    registerStatusItem(ctx.server),
    registerIdentityItem(ctx, buckets),
    registerServerSettings(ctx),
    registerLocationFileSystem(ctx),
    registerDocuments(ctx),
    registerInfoEditor(ctx),
    registerCommands({ ctx, buckets, panels }),
  ]) {
    ctx.disposables.add(part);
  }
  return createApi({ ctx, buckets, panels });
}
