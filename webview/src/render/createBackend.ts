/** Chooses a backend: WebGL2 on real graphics hardware, else the CPU, which is as fast as a software WebGL2 and always there. */
import type { SliceBackend } from "./backend.ts";
import { createCpuBackend } from "./cpu.ts";
import { type ContextListener, createWebgl2Backend, readRendererName } from "./webgl2.ts";

export type RendererChoice = "auto" | "webgl2" | "cpu";

/** A new backend. `webgl2` falls back to the CPU where the browser has no WebGL2; `auto` also where it is emulated. */
export function createBackend(choice: RendererChoice, listener: ContextListener): SliceBackend {
  const name = choice === "auto" ? readRendererNameOnce() : undefined;
  const wantsWebgl2 = choice === "webgl2" || (name !== undefined && !isSoftwareRenderer(name));
  return (wantsWebgl2 ? createWebgl2Backend(listener) : undefined) ?? createCpuBackend();
}

/** Is this the name of a WebGL that runs on the CPU? */
export function isSoftwareRenderer(name: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

/** Asks with a context of its own and gives it back at once, because browsers cap their number. */
function readRendererNameOnce(): string | undefined {
  const canvas = document.createElement("canvas");
  const name = readRendererName(canvas);
  canvas.getContext("webgl2")?.getExtension("WEBGL_lose_context")?.loseContext();
  return name;
}
