/** The locations at the top of the tree: those that a person added to this workspace, and workspace folders with layers in them. */
import * as vscode from "vscode";
import { DisposableStore } from "../base/disposable.ts";
import { keyOf, sameLocation, withoutQuery } from "../fileSystem/locationText.ts";
import { findWorkspaceLayers, type WorkspaceLayers } from "./workspaceLayers.ts";

export interface Root {
  readonly location: string;
  /** Shown instead of the last part of the location. */
  readonly label?: string;
  /** False for a workspace folder: it leaves with the workspace. */
  readonly isRemovable: boolean;
}

export interface Roots extends vscode.Disposable {
  readonly onDidChange: vscode.Event<void>;
  read(): Promise<readonly Root[]>;
  /** Adds a location at the end, unless it is there. */
  add(location: string): Promise<void>;
  remove(location: string): Promise<void>;
}

const storageKey = "roots";

export function createRoots(workspaceState: vscode.Memento): Roots {
  const disposables = new DisposableStore();
  const changed = disposables.add(new vscode.EventEmitter<void>());
  let added = storedLocations(workspaceState);
  let workspaceLayers: Promise<readonly WorkspaceLayers[]> | undefined;
  disposables.add(
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      workspaceLayers = undefined;
      changed.fire();
    }),
  );

  async function write(locations: readonly string[]): Promise<void> {
    added = locations;
    changed.fire();
    // A query may hold a key: it lives as long as the window and is not written down.
    await workspaceState.update(storageKey, locations.map(withoutQuery));
  }

  return {
    onDidChange: changed.event,
    async read() {
      workspaceLayers ??= findWorkspaceLayers();
      const folders = await workspaceLayers;
      const own = new Set(added.map(keyOf));
      return [
        ...folders
          .filter(({ location }) => !own.has(keyOf(location)))
          .map((folder) => ({ ...folder, isRemovable: false })),
        ...added.map((location) => ({ location, isRemovable: true })),
      ];
    },
    async add(location) {
      await write([...added.filter((other) => !sameLocation(other, location)), location]);
    },
    async remove(location) {
      await write(added.filter((other) => !sameLocation(other, location)));
    },
    dispose: () => disposables.dispose(),
  };
}

function storedLocations(workspaceState: vscode.Memento): readonly string[] {
  const stored = workspaceState.get<unknown>(storageKey);
  return Array.isArray(stored) ? stored.filter((item): item is string => typeof item === "string") : [];
}
