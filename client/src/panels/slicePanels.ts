/** All slice panels: opens one for each set of locations, shows the one that is there, restores them after a reload. */
import * as vscode from "vscode";
import type { SliceCommand } from "../../../schemas/messages/slices.ts";
import type { ClientContext } from "../context.ts";
import { panels } from "../contributions.ts";
import { keyOf } from "../fileSystem/locationText.ts";
import { SlicePanel, type SlicePanelOptions, sliceTitleOf } from "./slicePanel.ts";
import { parseViewState } from "./viewState.ts";

export interface SlicePanels extends vscode.Disposable {
  /** Shows the panel of these locations, bottom first; a lone segmentation gets the image that belongs to it. */
  open(locations: readonly string[]): SlicePanel;
  /** The panel in front, if one is. */
  readonly active: SlicePanel | undefined;
  readonly all: readonly SlicePanel[];
  /** Sends a command to the panel in front. */
  run(name: SliceCommand): void;
}

export function createSlicePanels(ctx: ClientContext, pickLayer: SlicePanelOptions["pickLayer"]): SlicePanels {
  /** Each panel with the set of locations that it was opened for. */
  const open = new Map<SlicePanel, string>();

  function keep(
    panel: vscode.WebviewPanel,
    options: Pick<SlicePanelOptions, "locations" | "findsUnderlay" | "state">,
  ): SlicePanel {
    const slicePanel = new SlicePanel({ ctx, panel, pickLayer, ...options });
    open.set(slicePanel, setKey(options.locations));
    slicePanel.onDidClose(() => open.delete(slicePanel));
    return slicePanel;
  }

  const serializer: vscode.WebviewPanelSerializer = {
    async deserializeWebviewPanel(panel, value: unknown) {
      const state = parseViewState(value);
      if (state === undefined || state.locations.length === 0) {
        panel.dispose();
        return;
      }
      keep(panel, { locations: state.locations, state, findsUnderlay: false });
    },
  };
  const registration = vscode.window.registerWebviewPanelSerializer(panels.slices, serializer);

  return {
    open(locations) {
      const key = setKey(locations);
      const existing = [...open].find(([panel, origin]) => origin === key || setKey(panel.locations) === key)?.[0];
      if (existing !== undefined) {
        existing.reveal();
        return existing;
      }
      const panel = vscode.window.createWebviewPanel(panels.slices, sliceTitleOf(locations), vscode.ViewColumn.Active, {
        enableFindWidget: false,
      });
      panel.iconPath = vscode.Uri.joinPath(ctx.extensionUri, "media", "cloudvolume.svg");
      return keep(panel, { locations, findsUnderlay: locations.length === 1 });
    },
    get active() {
      return [...open.keys()].find((panel) => panel.isActive);
    },
    get all() {
      return [...open.keys()];
    },
    run(name) {
      this.active?.run(name);
    },
    dispose() {
      // The panels themselves stay: VS Code restores them.
      registration.dispose();
    },
  };
}

/** Equal for equal sets of locations, whatever their order. */
function setKey(locations: readonly string[]): string {
  return locations.map(keyOf).toSorted().join("\n");
}
