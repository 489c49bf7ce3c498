/** Errors of location parsing: they name the accepted forms and never repeat a query or a password. */
import { InvalidLocationError, UnsupportedError } from "../errors.ts";

/** What a person may write, for messages. */
export const acceptedForms =
  "gs://bucket/path, s3://bucket/path, s3://https://host/bucket/path, https://host/path, file:///path, mem://bucket/path, or a local path; " +
  "before it precomputed://, or after it |precomputed:";

/** The text as it may be shown: no query, no fragment, no user and password, at most 120 characters. */
export function showText(text: string): string {
  const safe = text
    .replace(/^(.*?:\/\/)[^/@]*@/s, "$1")
    .replace(/^([^?#]*https?:\/\/[^?#]*)[?#].*$/is, "$1")
    .replace(/\p{Cc}/gu, "�");
  return safe.length > 120 ? `${safe.slice(0, 119)}…` : safe;
}

/** The error for a text that is no location: `reason` is a lower-case clause. */
export function invalidLocation(reason: string, text: string): InvalidLocationError {
  return new InvalidLocationError(`${reason}: "${showText(text)}" (accepted: ${acceptedForms})`, {
    location: showText(text),
  });
}

/** The error for a location whose meaning is clear and which cannot be opened; `hint` says what to open instead. */
export function unsupportedLocation(reason: string, text: string, hint: string): UnsupportedError {
  return new UnsupportedError(`${reason}: "${showText(text)}" (accepted: ${acceptedForms})`, {
    location: showText(text),
    hint,
  });
}
