/** Integer textures of the WebGL2 backend: which format holds which array, and how a tile becomes a texture. */
import type { PixelArray, TilePixels } from "./backend.ts";
import type { ProgramName } from "./shaders.ts";

interface TextureFormat {
  readonly internal: number;
  readonly format: number;
  readonly type: number;
  readonly program: ProgramName;
}

/** A tile on the GPU with the program that can sample it. */
export interface TileTexture {
  readonly texture: WebGLTexture;
  readonly program: ProgramName;
}

/** Uploads a tile; channels lie below each other. Throws when the context is lost or the tile is larger than a texture may be. */
export function createTileTexture(gl: WebGL2RenderingContext, pixels: TilePixels): TileTexture {
  const channels = pixels.kind === "image" ? pixels.channels : 1;
  const { internal, format, type, program } = formatOf(gl, pixels.data);
  const texture = createTexture(gl);
  gl.texImage2D(gl.TEXTURE_2D, 0, internal, pixels.width, pixels.height * channels, 0, format, type, pixels.data);
  return { texture, program: pixels.kind === "labels" ? "labels" : program };
}

/** Uploads a palette as rows of 256 entries. */
export function createPaletteTexture(gl: WebGL2RenderingContext, palette: Uint8Array): WebGLTexture {
  const rows = Math.max(1, Math.ceil(palette.length / 1024));
  const padded = new Uint8Array(rows * 1024);
  padded.set(palette);
  const texture = createTexture(gl);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, rows, 0, gl.RGBA, gl.UNSIGNED_BYTE, padded);
  return texture;
}

function createTexture(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  for (const parameter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
    gl.texParameteri(gl.TEXTURE_2D, parameter, gl.NEAREST);
  }
  for (const parameter of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_2D, parameter, gl.CLAMP_TO_EDGE);
  }
  return texture;
}

function formatOf(gl: WebGL2RenderingContext, data: PixelArray): TextureFormat {
  if (data instanceof Float32Array) {
    return { internal: gl.R32F, format: gl.RED, type: gl.FLOAT, program: "floatImage" };
  }
  const format = gl.RED_INTEGER;
  if (data instanceof Uint8Array) {
    return { internal: gl.R8UI, format, type: gl.UNSIGNED_BYTE, program: "unsignedImage" };
  }
  if (data instanceof Uint16Array) {
    return { internal: gl.R16UI, format, type: gl.UNSIGNED_SHORT, program: "unsignedImage" };
  }
  if (data instanceof Uint32Array) {
    return { internal: gl.R32UI, format, type: gl.UNSIGNED_INT, program: "unsignedImage" };
  }
  if (data instanceof Int8Array) {
    return { internal: gl.R8I, format, type: gl.BYTE, program: "signedImage" };
  }
  if (data instanceof Int16Array) {
    return { internal: gl.R16I, format, type: gl.SHORT, program: "signedImage" };
  }
  return { internal: gl.R32I, format, type: gl.INT, program: "signedImage" };
}
