/** What `activate` returns: enough to see from outside what the extension shows and does. Read only. */
import { readStatus, type ServerStatus } from "../../schemas/protocol/server.ts";
import type { CommandServices } from "./commands/command.ts";
import type { ExplorerNode } from "./explorer/explorerNode.ts";
import type { ServerState } from "./server/link.ts";

/** A row of the Buckets view as a person sees it. */
export interface ExplorerRow {
  readonly node: ExplorerNode;
  readonly label: string;
  readonly description: string;
  readonly contextValue: string;
}

/** A slice panel as a person sees it. */
export interface PanelView {
  readonly title: string;
  readonly locations: readonly string[];
  readonly isActive: boolean;
  /** What the view last said that it has drawn; undefined before its first drawing. */
  readonly described: string | undefined;
  /** Why layers could not be opened, by location. */
  readonly problems: Readonly<Record<string, string>>;
}

export interface ExtensionApi {
  readonly server: {
    readonly state: ServerState;
    readonly generation: number;
    /** Starts the server if need be, and asks it. */
    readStatus(): Promise<ServerStatus>;
  };
  readonly explorer: {
    /** Rows at the top, or below a row. Lists what has not been listed. */
    readRows(parent?: ExplorerRow): Promise<readonly ExplorerRow[]>;
  };
  readonly panels: {
    readonly all: readonly PanelView[];
  };
}

export function createApi({ ctx, buckets, panels }: CommandServices): ExtensionApi {
  const { server } = ctx;
  return {
    server: {
      get state() {
        return server.state;
      },
      get generation() {
        return server.generation;
      },
      readStatus: () => server.request(readStatus, {}),
    },
    explorer: {
      async readRows(parent) {
        const nodes = await (parent === undefined ? buckets.readRoots() : buckets.readChildren(parent.node));
        return nodes.map(rowOf);
      },
    },
    panels: {
      get all() {
        return panels.all.map(({ title, locations, isActive, described, problems }) => ({
          title,
          locations,
          isActive,
          described,
          problems,
        }));
      },
    },
  };
}

function rowOf(node: ExplorerNode): ExplorerRow {
  const { label, description, contextValue } = node.toTreeItem();
  return {
    node,
    label: typeof label === "string" ? label : (label?.label ?? ""),
    description: typeof description === "string" ? description : "",
    contextValue: contextValue ?? "",
  };
}
