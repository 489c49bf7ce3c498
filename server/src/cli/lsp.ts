/** `cloudvolume lsp`: the language server, for editors other than VS Code. */
import { Command } from "commander";
import type { CommandContext } from "./context.ts";

const examples = `
Examples:
  cloudvolume lsp --stdio

It checks info and provenance files of Precomputed layers: diagnostics, hovers, completion, quick fixes.
Neovim:  vim.lsp.start({ name = "cloudvolume", cmd = { "cloudvolume", "lsp", "--stdio" } })`;

export function lspCommand(_context: CommandContext): Command {
  return new Command("lsp")
    .description("Run the language server.")
    .requiredOption("--stdio", "speak the Language Server Protocol over stdin and stdout")
    .addHelpText("after", examples)
    .action(async () => {
      // The server is a bundle of its own beside this one; it finds --stdio among the arguments.
      const server = new URL("./main.js", import.meta.url);
      await import(server.href);
    });
}
