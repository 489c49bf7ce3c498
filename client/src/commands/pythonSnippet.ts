/** The Python that opens a layer with CloudVolume. */
import { cloudPathOf } from "../fileSystem/locationText.ts";

/** Lines that can be pasted into a notebook. `mip` is left out when it is the finest. */
export function pythonSnippet(location: string, mip = 0): string {
  const options = mip === 0 ? "" : `, mip=${mip}`;
  return `from cloudvolume import CloudVolume\n\nvol = CloudVolume(${pythonString(cloudPathOf(location))}${options})\n`;
}

/** JSON's escapes are Python's too, except for what lies above U+FFFF, which JSON leaves as it is. */
function pythonString(text: string): string {
  return JSON.stringify(text);
}
