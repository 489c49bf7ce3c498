/** Entry point of the language-server process: connect, create the engine, listen. Transport by the arguments: --node-ipc or --stdio. */
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { startServer } from "./lsp/server.ts";

startServer(createConnection(ProposedFeatures.all));
