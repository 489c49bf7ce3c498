/** The settings of the extension, read and typed. What a user wrote is checked here and nowhere else. */
import * as vscode from "vscode";
import type { SliceSettings } from "../../schemas/messages/slices.ts";
import type { InitializationOptions } from "../../schemas/protocol/server.ts";
import { settings } from "./contributions.ts";

/** Reads settings at the time of the call, and says when one changed. */
export interface Settings {
  slices(): SliceSettings;
  server(): InitializationOptions;
  readonly onDidChange: vscode.Event<vscode.ConfigurationChangeEvent>;
}

const bytesPerMegabyte = 1 << 20;

export function createSettings(): Settings {
  const get = (id: string): unknown => vscode.workspace.getConfiguration().get(id);
  return {
    slices() {
      const renderer = get(settings.renderer);
      return { renderer: renderer === "webgl2" || renderer === "cpu" ? renderer : "auto" };
    },
    server() {
      const megabytes = get(settings.cacheSizeMB);
      return {
        rules: stringRecord(get(settings.lintRules)),
        targets: strings(get(settings.lintTargets)),
        ...(typeof megabytes === "number" && megabytes > 0 ? { cacheBytes: megabytes * bytesPerMegabyte } : {}),
      };
    },
    onDidChange: vscode.workspace.onDidChangeConfiguration,
  };
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function stringRecord(value: unknown): Readonly<Record<string, string>> {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
