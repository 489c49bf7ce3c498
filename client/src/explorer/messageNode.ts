/** A row that says something: a failure and what to do about it, an empty folder, a count of chunks. */
import * as vscode from "vscode";
import type { WireError } from "../../../schemas/errors.ts";
import { commands } from "../contributions.ts";
import { explain } from "./explain.ts";
import type { BranchNode, ExplorerNode } from "./explorerNode.ts";
import { tooltip } from "./treeItems.ts";

export interface Message {
  readonly label: string;
  readonly description?: string;
  readonly icon: string;
  readonly details?: string;
  /** What a click does. */
  readonly command?: (typeof commands)["retry" | "restartServer" | "showLog" | "openPath" | "signIn"];
}

export class MessageNode implements ExplorerNode {
  readonly id: string;
  readonly parent: BranchNode;
  readonly #message: Message;

  constructor(parent: BranchNode, message: Message) {
    this.id = `${parent.id}#message:${message.label}`;
    this.parent = parent;
    this.#message = message;
  }

  toTreeItem(): vscode.TreeItem {
    const { label, description, icon, details, command } = this.#message;
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
    item.id = this.id;
    item.iconPath = new vscode.ThemeIcon(icon);
    item.contextValue = "message";
    item.accessibilityInformation = { label: [label, description].filter((part) => part !== undefined).join(", ") };
    if (description !== undefined) {
      item.description = description;
    }
    if (details !== undefined) {
      item.tooltip = tooltip(
        label,
        details.split("\n").map((line) => [vscode.l10n.t("Note"), line] as const),
      );
    }
    if (command !== undefined) {
      item.command = { command, title: label, arguments: [this] };
    }
    return item;
  }
}

/** The row for a failure. */
export function problemMessage(error: WireError): Message {
  const { title, advice, action } = explain(error, vscode.l10n.t);
  return {
    label: title,
    description: error.message,
    icon: "error",
    details: `${error.message}\n${advice}`,
    command: commands[action],
  };
}
