/** Where this workspace may change what is stored. Everything is read-only until a person allows changes below a location. */
import * as vscode from "vscode";
import { isWithin, sameLocation, withoutQuery } from "./locationText.ts";

export interface AllowedChanges extends vscode.Disposable {
  readonly onDidChange: vscode.Event<void>;
  /** May this location be changed, by itself or by one above it? */
  isAllowed(location: string): boolean;
  /** The location that was allowed, at or above this one. */
  allowedAbove(location: string): string | undefined;
  allow(location: string): Promise<void>;
  /** Takes the permission back that covers a location. */
  forbid(location: string): Promise<void>;
}

const storageKey = "allowedChanges";

export function createAllowedChanges(workspaceState: vscode.Memento): AllowedChanges {
  const changed = new vscode.EventEmitter<void>();
  const stored = workspaceState.get<unknown>(storageKey);
  let allowed: readonly string[] = Array.isArray(stored) ? stored.filter((item) => typeof item === "string") : [];

  async function write(locations: readonly string[]): Promise<void> {
    allowed = locations;
    changed.fire();
    await workspaceState.update(storageKey, locations);
  }

  const allowedAbove = (location: string): string | undefined => allowed.find((other) => isWithin(location, other));
  return {
    onDidChange: changed.event,
    isAllowed: (location) => allowedAbove(location) !== undefined,
    allowedAbove,
    allow: (location) => write([...allowed.filter((other) => !sameLocation(other, location)), withoutQuery(location)]),
    forbid: (location) => write(allowed.filter((other) => !isWithin(location, other))),
    dispose: () => changed.dispose(),
  };
}
