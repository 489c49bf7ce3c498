/** The WebGL2 backend: integer textures, one draw call per tile, colours of labels by a palette texture. */
import type { Draw, HatchDraw, Rect, Rgba, SliceBackend, TileDraw, TilePixels, ViewDraws } from "./backend.ts";
import { coveredPixels, isEmpty, pickTexels, windowTerms } from "./raster.ts";
import { fragmentShaders, type ProgramName, vertexShader } from "./shaders.ts";
import { createPaletteTexture, createTileTexture, type TileTexture } from "./textures.ts";

interface Program {
  readonly program: WebGLProgram;
  /** Location of a uniform; unknown ones are null and ignored by GL. */
  readonly at: (name: string) => WebGLUniformLocation | null;
}

interface UploadedTile extends TileTexture {
  readonly pixels: TilePixels;
}

/** What the browser says of the context's life. */
export interface ContextListener {
  /** Nothing can be drawn until `restored`; make a new backend then. */
  readonly lost: () => void;
  readonly restored: () => void;
}

/** The name of the renderer, `undefined` where WebGL2 is missing. */
export function readRendererName(canvas: HTMLCanvasElement): string | undefined {
  const gl = canvas.getContext("webgl2");
  if (gl === null) {
    return undefined;
  }
  const extension = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(extension === null ? gl.RENDERER : extension.UNMASKED_RENDERER_WEBGL));
}

/** A WebGL2 backend on a canvas of its own, or `undefined` where WebGL2 is missing. */
export function createWebgl2Backend(listener: ContextListener): SliceBackend | undefined {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, stencil: false });
  return gl === null ? undefined : new Webgl2Backend(canvas, gl, listener);
}

class Webgl2Backend implements SliceBackend {
  readonly name = "webgl2";
  readonly canvas: HTMLCanvasElement;
  readonly maxPixelRatio = 2;
  readonly #gl: WebGL2RenderingContext;
  readonly #programs = new Map<ProgramName, Program>();
  readonly #tiles = new Map<string, UploadedTile>();
  readonly #pixels = new Map<string, TilePixels>();
  readonly #palettes = new Map<string, WebGLTexture>();
  readonly #listening = new AbortController();
  #view: ViewDraws | undefined;

  constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext, listener: ContextListener) {
    this.canvas = canvas;
    this.#gl = gl;
    const { signal } = this.#listening;
    canvas.addEventListener(
      "webglcontextlost",
      (event) => {
        event.preventDefault();
        listener.lost();
      },
      { signal },
    );
    canvas.addEventListener("webglcontextrestored", () => listener.restored(), { signal });
  }

  uploadTile(key: string, pixels: TilePixels): void {
    this.freeTile(key);
    this.#tiles.set(key, { ...createTileTexture(this.#gl, pixels), pixels });
    this.#pixels.set(key, pixels);
  }

  freeTile(key: string): void {
    this.#gl.deleteTexture(this.#tiles.get(key)?.texture ?? null);
    this.#gl.deleteTexture(this.#palettes.get(key) ?? null);
    this.#tiles.delete(key);
    this.#pixels.delete(key);
    this.#palettes.delete(key);
  }

  setPalette(key: string, palette: Uint8Array): void {
    this.#gl.deleteTexture(this.#palettes.get(key) ?? null);
    this.#palettes.set(key, createPaletteTexture(this.#gl, palette));
  }

  draw(view: ViewDraws): void {
    this.#view = view;
    const gl = this.#gl;
    if (this.canvas.width !== view.width || this.canvas.height !== view.height) {
      this.canvas.width = view.width;
      this.canvas.height = view.height;
    }
    gl.viewport(0, 0, view.width, view.height);
    const [red, green, blue] = view.background;
    gl.clearColor(red / 255, green / 255, blue / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    for (const panel of view.panels) {
      for (const draw of panel.draws) {
        const area = coveredPixels(draw.clip, panel.area);
        if (!isEmpty(area)) {
          this.#draw(draw, area, view);
        }
      }
    }
  }

  pick(x: number, y: number): ReturnType<SliceBackend["pick"]> {
    return this.#view === undefined ? [] : pickTexels(this.#view, this.#pixels, x, y);
  }

  readPixels(area: Rect): Uint8ClampedArray {
    const gl = this.#gl;
    const width = area.x1 - area.x0;
    const height = area.y1 - area.y0;
    const rows = new Uint8Array(width * height * 4);
    gl.readPixels(area.x0, this.canvas.height - area.y1, width, height, gl.RGBA, gl.UNSIGNED_BYTE, rows);
    const flipped = new Uint8ClampedArray(rows.length);
    for (let y = 0; y < height; y++) {
      flipped.set(rows.subarray((height - 1 - y) * width * 4, (height - y) * width * 4), y * width * 4);
    }
    return flipped;
  }

  dispose(): void {
    this.#listening.abort();
    for (const key of [...this.#tiles.keys()]) {
      this.freeTile(key);
    }
    for (const { program } of this.#programs.values()) {
      this.#gl.deleteProgram(program);
    }
    this.#programs.clear();
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  #draw(draw: Draw, area: Rect, view: ViewDraws): void {
    if (draw.kind === "hatch") {
      this.#drawHatch(draw, area, view);
      return;
    }
    const tile = this.#tiles.get(draw.key);
    if (tile?.pixels.kind !== draw.style.kind) {
      return;
    }
    if (draw.style.kind === "labels") {
      this.#drawLabels(draw, tile, area, view);
    } else {
      this.#drawImage(draw, tile, area, view);
    }
  }

  #drawImage(draw: TileDraw, tile: UploadedTile, area: Rect, view: ViewDraws): void {
    if (tile.pixels.kind !== "image" || draw.style.kind !== "image") {
      return;
    }
    const gl = this.#gl;
    const { at } = this.#use(tile.program, area, view);
    const { whole, rest, factor } = windowTerms(tile.pixels, draw.style);
    if (tile.program === "unsignedImage") {
      gl.uniform1ui(at("uWhole"), whole);
    } else if (tile.program === "signedImage") {
      gl.uniform1i(at("uWhole"), whole);
    }
    gl.uniform1f(at("uRest"), rest);
    gl.uniform1f(at("uFactor"), factor);
    gl.uniform1i(at("uChannels"), tile.pixels.channels);
    gl.uniform1f(at("uOpacity"), draw.style.opacity);
    this.#drawTexture(draw, tile, at);
  }

  #drawLabels(draw: TileDraw, tile: UploadedTile, area: Rect, view: ViewDraws): void {
    const palette = this.#palettes.get(draw.key);
    if (palette === undefined || draw.style.kind !== "labels") {
      return;
    }
    const gl = this.#gl;
    const { at } = this.#use("labels", area, view);
    const [red, green, blue] = draw.style.outline;
    gl.uniform1f(at("uOpacity"), draw.style.opacity);
    gl.uniform3f(at("uOutline"), red / 255, green / 255, blue / 255);
    gl.uniform1f(at("uOutlineWidth"), draw.style.outlineWidth);
    gl.uniform1i(at("uPalette"), 1);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, palette);
    this.#drawTexture(draw, tile, at);
  }

  #drawTexture(draw: TileDraw, tile: UploadedTile, at: Program["at"]): void {
    const gl = this.#gl;
    gl.uniform2f(at("uOrigin"), draw.x, draw.y);
    gl.uniform2f(at("uScale"), draw.scaleX, draw.scaleY);
    gl.uniform2i(at("uTexels"), tile.pixels.width, tile.pixels.height);
    gl.uniform1i(at("uTile"), 0);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, tile.texture);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #drawHatch(draw: HatchDraw, area: Rect, view: ViewDraws): void {
    const gl = this.#gl;
    const { at } = this.#use("hatch", area, view);
    gl.uniform4fv(at("uBase"), normalized(draw.base));
    gl.uniform4fv(at("uLine"), normalized(draw.line));
    gl.uniform1i(at("uPeriod"), draw.period);
    gl.uniform1i(at("uWidth"), draw.width);
    gl.uniform1i(at("uIsLattice"), draw.pattern === "lattice" ? 1 : 0);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #use(name: ProgramName, area: Rect, view: ViewDraws): Program {
    let program = this.#programs.get(name);
    if (program === undefined) {
      program = createProgram(this.#gl, name);
      this.#programs.set(name, program);
    }
    this.#gl.useProgram(program.program);
    this.#gl.uniform4f(program.at("uRect"), area.x0, area.y0, area.x1, area.y1);
    this.#gl.uniform2f(program.at("uSize"), view.width, view.height);
    return program;
  }
}

function normalized([red, green, blue, opacity]: Rgba): Float32Array {
  return new Float32Array([red / 255, green / 255, blue / 255, opacity]);
}

function createProgram(gl: WebGL2RenderingContext, name: ProgramName): Program {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertexShader],
    [gl.FRAGMENT_SHADER, fragmentShaders[name]],
  ] as const) {
    const shader = gl.createShader(type);
    if (shader !== null) {
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      gl.deleteShader(shader);
    }
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the "${name}" shader does not link: ${gl.getProgramInfoLog(program) ?? "no reason given"}`);
  }
  const locations = new Map<string, WebGLUniformLocation | null>();
  return {
    program,
    at(uniform) {
      if (!locations.has(uniform)) {
        locations.set(uniform, gl.getUniformLocation(program, uniform));
      }
      return locations.get(uniform) ?? null;
    },
  };
}
