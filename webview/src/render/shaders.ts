/** GLSL of the WebGL2 backend: one vertex shader and a fragment shader per kind of draw. */

/** The programs that exist; image programs differ in the kind of texture that they sample. */
export type ProgramName = "unsignedImage" | "signedImage" | "floatImage" | "labels" | "hatch";

/** A rectangle of whole pixels, so that no edge ever runs through the centre of one. */
export const vertexShader = `#version 300 es
uniform vec4 uRect;
uniform vec2 uSize;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 position = mix(uRect.xy, uRect.zw, corner) / uSize * 2.0 - 1.0;
  gl_Position = vec4(position.x, -position.y, 0.0, 1.0);
}`;

const head = `#version 300 es
precision highp float;
precision highp int;
uniform vec2 uSize;
out vec4 color;
ivec2 pixel() { return ivec2(int(gl_FragCoord.x), int(uSize.y - gl_FragCoord.y)); }
`;

const texel = `
uniform vec2 uOrigin;
uniform vec2 uScale;
uniform ivec2 uTexels;
ivec2 texelAt(vec2 shift) {
  vec2 position = (vec2(pixel()) + 0.5 + shift - uOrigin) / uScale;
  return clamp(ivec2(floor(position)), ivec2(0), uTexels - 1);
}`;

const image = (declarations: string, offsetOf: string): string => `${head}${texel}
${declarations}
uniform float uRest;
uniform float uFactor;
uniform int uChannels;
uniform float uOpacity;
float offsetOf(ivec2 at) { ${offsetOf} }
float brightness(ivec2 at, int channel) {
  float value = (offsetOf(at + ivec2(0, channel * uTexels.y)) - uRest) * uFactor;
  return value > 0.0 ? min(value, 1.0) : 0.0;
}
void main() {
  ivec2 at = texelAt(vec2(0.0));
  float red = brightness(at, 0);
  vec3 rgb = vec3(red);
  if (uChannels > 1) {
    rgb = vec3(red, brightness(at, 1), uChannels > 2 ? brightness(at, 2) : 0.0);
  }
  color = vec4(rgb, uOpacity);
}`;

/** Fragment shader of each program. */
export const fragmentShaders: Readonly<Record<ProgramName, string>> = {
  unsignedImage: image(
    "uniform highp usampler2D uTile;\nuniform uint uWhole;",
    "uint v = texelFetch(uTile, at, 0).r; return v >= uWhole ? float(v - uWhole) : -float(uWhole - v);",
  ),
  signedImage: image(
    "uniform highp isampler2D uTile;\nuniform int uWhole;",
    `int v = texelFetch(uTile, at, 0).r;
    return v >= uWhole ? float(uint(v) - uint(uWhole)) : -float(uint(uWhole) - uint(v));`,
  ),
  floatImage: image("uniform highp sampler2D uTile;", "return texelFetch(uTile, at, 0).r;"),
  labels: `${head}${texel}
uniform highp usampler2D uTile;
uniform sampler2D uPalette;
uniform float uOpacity;
uniform vec3 uOutline;
uniform float uOutlineWidth;
uint labelAt(ivec2 at) { return texelFetch(uTile, at, 0).r; }
bool isEdge(uint label) {
  return labelAt(texelAt(vec2(-uOutlineWidth, 0.0))) != label || labelAt(texelAt(vec2(uOutlineWidth, 0.0))) != label ||
    labelAt(texelAt(vec2(0.0, -uOutlineWidth))) != label || labelAt(texelAt(vec2(0.0, uOutlineWidth))) != label;
}
void main() {
  uint label = labelAt(texelAt(vec2(0.0)));
  vec4 entry = texelFetch(uPalette, ivec2(int(label & 255u), int(label >> 8u)), 0);
  if (entry.a > 254.5 / 255.0 && isEdge(label)) {
    color = vec4(uOutline, 1.0);
    return;
  }
  color = vec4(entry.rgb, min(entry.a * 255.0 / 254.0, 1.0) * uOpacity);
}`,
  hatch: `${head}
uniform vec4 uBase;
uniform vec4 uLine;
uniform int uPeriod;
uniform int uWidth;
uniform bool uIsLattice;
void main() {
  ivec2 at = pixel();
  bool isLine = (at.x + at.y) % uPeriod < uWidth;
  if (uIsLattice) {
    isLine = isLine || (at.x - at.y + uPeriod * 65536) % uPeriod < uWidth;
  }
  color = isLine ? uLine : uBase;
}`,
};
