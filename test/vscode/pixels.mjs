/** Pixels of what the workbench shows, from screenshots: the only way to see what a WebGL canvas really put on the screen. */

/**
 * @typedef {object} Picture
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} data Red, green, blue, alpha, row by row.
 */

/**
 * What an element shows, in its own CSS pixels.
 * @param {import("./workbench.mjs").Page} page
 * @param {import("playwright-core").Locator} element
 * @returns {Promise<Picture>}
 */
export async function readPixels(page, element) {
  const png = await element.screenshot({ animations: "disabled" });
  return decodePng(page, png);
}

/**
 * Decodes a PNG in a page of its own, whose content security policy forbids nothing.
 * @param {import("./workbench.mjs").Page} page
 * @param {Buffer} png
 * @returns {Promise<Picture>}
 */
async function decodePng(page, png) {
  const decoder = await page.context().newPage();
  try {
    const { width, height, text } = await decoder.evaluate(async (/** @type {string} */ base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      if (context === null) {
        throw new Error("no 2d context");
      }
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      let characters = "";
      for (let start = 0; start < data.length; start += 8192) {
        characters += String.fromCharCode(...data.subarray(start, start + 8192));
      }
      return { width: image.width, height: image.height, text: btoa(characters) };
    }, png.toString("base64"));
    return { width, height, data: new Uint8Array(Buffer.from(text, "base64")) };
  } finally {
    await decoder.close();
  }
}

/**
 * Red, green and blue at a pixel.
 * @param {Picture} picture
 * @param {number} x
 * @param {number} y
 * @returns {readonly [number, number, number]}
 */
export function colorAt({ width, data }, x, y) {
  const at = (Math.floor(y) * width + Math.floor(x)) * 4;
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
}

/**
 * How many different colours there are in the middle half of a picture: 1 or 2 for an empty view, many for tissue.
 * @param {Picture} picture
 */
export function countColors(picture) {
  const colors = new Set();
  for (let y = picture.height >> 2; y < (picture.height * 3) >> 2; y++) {
    for (let x = picture.width >> 2; x < (picture.width * 3) >> 2; x++) {
      const [red, green, blue] = colorAt(picture, x, y);
      colors.add((red << 16) | (green << 8) | blue);
    }
  }
  return colors.size;
}
