/**
 * What people paste instead of a location: a shell command, an ARN, a page of a cloud console, a viewer's link.
 * Each becomes the location that it means; a viewer's state link is refused with the sources that it names.
 */
import { InvalidLocationError } from "../errors.ts";
import { acceptedForms, invalidLocation, showText, unsupportedLocation } from "./locationErrors.ts";

/** The text without surrounding space and quotes; of a pasted command its first location; an ARN as s3://. */
export function unwrapPasted(text: string): string {
  const trimmed = text.trim();
  const bare = /^(?:"(.*)"|'(.*)'|<(.*)>|`(.*)`)$/s.exec(trimmed);
  const inner = (bare?.slice(1).find((part) => part !== undefined) ?? trimmed).trimStart();
  const arn = /^arn:aws[a-z-]*:s3:::(.+)$/.exec(inner)?.[1];
  if (arn !== undefined) {
    return `s3://${arn}`;
  }
  return /^(\$\s+)?(gsutil|gcloud|aws|s5cmd|rclone|curl|wget|cloudfiles|igneous)\s/.test(inner)
    ? locationInCommand(inner)
    : inner;
}

function locationInCommand(command: string): string {
  const word = command.split(/\s+/).find((part) => /^["']?[a-z][a-z0-9+.-]*:\/\//i.test(part));
  if (word === undefined) {
    throw invalidLocation("a command without a location in it", command);
  }
  return word.replace(/^["']|["']$/g, "");
}

/** Refuses the link of a viewer's state (`…#!{…}`, `…#!gs://…/state.json`), naming the sources in it. */
export function refuseStateLink(text: string): void {
  const [page = "", state] = splitOnce(text, "#!");
  if (state === undefined || !/^https?:\/\//i.test(page)) {
    return;
  }
  const decoded = decodePart(state);
  const sources = [...decoded.matchAll(/[a-z][a-z0-9+]*:\/\/[^'"\s<>\\?#]+/gi)].map(
    ([source]) => `"${showText(source)}"`,
  );
  const named = [...new Set(sources)].slice(0, 5).join(", ");
  throw new InvalidLocationError(
    `the link holds a viewer's state, not a location: "${showText(text)}" (accepted: ${acceptedForms})`,
    {
      location: showText(text),
      hint:
        named === ""
          ? "paste the source of one of its layers"
          : `paste the source of one of its layers, it names: ${named}`,
    },
  );
}

/** A location that a page of a console, catalogue or viewer stands for. */
export interface PastedLocation {
  readonly text: string;
  readonly format?: string;
}

/** The location that an http(s) page stands for; `undefined` for a URL that is a location itself. */
export function locationOfPage(url: URL): PastedLocation | undefined {
  const source = url.searchParams.get("source");
  if (source !== null && /^(https?|gs|s3):\/\//i.test(source)) {
    return { text: source, format: "zarr" }; // ?source= is what the viewers and validators of OME-Zarr take
  }
  return googlePage(url) ?? amazonPage(url) ?? cataloguePage(url);
}

function googlePage(url: URL): PastedLocation | undefined {
  const path = url.pathname;
  switch (url.hostname) {
    case "console.cloud.google.com": {
      const place = /^\/storage\/browser\/(?:_details\/)?([^/;]+)(?:\/([^;]*))?/.exec(path);
      return bucketPage("gs", url, place?.[1], decodePart(place?.[2]) || url.searchParams.get("prefix"));
    }
    case "storage.cloud.google.com": {
      const place = /^\/([^/]+)(?:\/(.*))?$/.exec(path);
      return bucketPage("gs", url, place?.[1], decodePart(place?.[2]));
    }
    case "storage.googleapis.com":
    case "www.googleapis.com": {
      const place = /^(?:\/download)?\/storage\/v1\/b\/([^/]+)(?:\/o(?:\/(.*))?)?$/.exec(path);
      return place === null ? undefined : bucketPage("gs", url, place[1], decodePart(place[2]));
    }
    default:
      return undefined;
  }
}

function amazonPage(url: URL): PastedLocation | undefined {
  if (!/(^|\.)console\.aws\.amazon\.com$/.test(url.hostname)) {
    return undefined;
  }
  const bucket = /^\/s3\/(?:buckets|object)\/([^/]+)/.exec(url.pathname)?.[1];
  return bucketPage("s3", url, bucket, url.searchParams.get("prefix"));
}

function cataloguePage(url: URL): PastedLocation | undefined {
  const place = /^\/b\/([^/]+)\/tree(?:\/(.*))?$/.exec(url.pathname);
  return url.hostname === "open.quiltdata.com" && place !== null
    ? bucketPage("s3", url, place[1], decodePart(place[2]))
    : undefined;
}

/** `key` is decoded, `bucket` as in the URL. */
function bucketPage(scheme: "gs" | "s3", url: URL, bucket: string | undefined, key: string | null): PastedLocation {
  if (bucket === undefined) {
    throw unsupportedLocation("a console page that names no bucket", url.href, "paste the page of a bucket or folder");
  }
  return { text: `${scheme}://${decodePart(bucket)}/${key ?? ""}` };
}

/** Percent-decoded where it can be; "" for nothing. */
function decodePart(text = ""): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
