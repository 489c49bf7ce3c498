/** The requests about places and objects, on a connection. */
import type { Connection } from "vscode-languageserver";
import {
  copyObjects,
  deleteObjects,
  downloadObjects,
  measureObjects,
  moveObjects,
  objectsProgress,
  statObject,
  uploadFiles,
} from "../../../schemas/protocol/objects.ts";
import {
  describePlace,
  type HeldCredentialMessage,
  listFolder,
  readIdentity,
  readText,
  useCredentials,
  writeSample,
  writeText,
} from "../../../schemas/protocol/storage.ts";
import type { Engine } from "../engine/createEngine.ts";
import { writeSample as writeSampleTo } from "../sample/writeSample.ts";
import { createObjectHandlers } from "./objects.ts";
import { type Check, isListOf, isOneOf, isRecordOf, isText, isWhole, onRequest, optional } from "./requests.ts";
import { createStorageHandlers } from "./storage.ts";

/** Registers the requests about places: folders, texts, identities, credentials. */
export function registerStorageRequests(connection: Connection, engine: Engine): void {
  const storage = createStorageHandlers({
    openStore: (location) => engine.openStore(location),
    readText: engine.readText,
    readTextObject: engine.readTextObject,
    writeSample: writeSampleTo,
  });
  const listParams = {
    location: isText,
    pageToken: optional(isText),
    pageSize: optional(isWhole),
    prefixFilter: optional(isText),
  };
  onRequest(connection, listFolder, listParams, (params, signal) => storage.listFolder(params, { signal }));
  onRequest(connection, readText, { location: isText }, (params, signal) => storage.readText(params, { signal }));
  const writeParams = { location: isText, text: isText, onlyIf: optional(isCondition) };
  onRequest(connection, writeText, writeParams, (params, signal) => storage.writeText(params, { signal }));
  onRequest(connection, describePlace, { text: isText }, (params) => storage.describePlace(params));
  onRequest(connection, readIdentity, { location: isText }, (params, signal) =>
    storage.readIdentity(params, { signal }),
  );
  onRequest(connection, writeSample, { directory: isText }, (params, signal) =>
    storage.writeSample(params, { signal }),
  );
  // Checked here and not by `onNotification`: what is wrong with these must not be told.
  connection.onNotification(useCredentials.method, (params: unknown) => {
    const { held } = (params ?? {}) as { readonly held?: unknown };
    if (isListOf(isHeldCredential)(held)) {
      // Every member was checked.
      engine.useCredentials({ held: held as readonly HeldCredentialMessage[] });
    } else {
      connection.console.error("credentials that are no list of credentials were sent, and are not used");
    }
  });
}

const isCondition: Check = (value) => value === "absent" || isRecordOf({ etag: isText })(value);

const isHeldCredential: Check = isRecordOf({
  origin: isText,
  bucket: optional(isText),
  identity: isRecordOf({ kind: isText, name: optional(isText) }),
  credential: (value) =>
    isRecordOf({ kind: isOneOf("google"), json: (json) => typeof json === "object" && json !== null })(value) ||
    isRecordOf({ kind: isOneOf("aws"), accessKeyId: isText, secretAccessKey: isText })(value) ||
    isRecordOf({ kind: isOneOf("bearer"), token: isText })(value) ||
    isRecordOf({ kind: isOneOf("basic"), user: isText, password: isText })(value),
});

const isPlace = isRecordOf({ location: isText, kind: isOneOf("file", "folder") });
const job = optional(isWhole);

/** Registers the requests about many objects, with their progress. */
export function registerObjectRequests(connection: Connection, engine: Engine): void {
  const objects = createObjectHandlers({
    openStore: (location) => engine.openStore(location),
    progress: (progress) => void connection.sendNotification(objectsProgress.method, progress),
  });
  const places = isListOf(isPlace);
  const existing = isOneOf("keep", "replace");
  onRequest(connection, statObject, { location: isText }, (params, signal) => objects.stat(params, { signal }));
  onRequest(connection, measureObjects, { places, job }, (params, signal) => objects.measure(params, { signal }));
  onRequest(connection, deleteObjects, { places, job }, (params, signal) => objects.delete(params, { signal }));
  const copyParams = { from: isPlace, to: isText, existing, job };
  onRequest(connection, copyObjects, copyParams, (params, signal) => objects.copy(params, { signal }));
  onRequest(connection, moveObjects, copyParams, (params, signal) => objects.move(params, { signal }));
  const downloadParams = { places, folder: isText, existing, job };
  onRequest(connection, downloadObjects, downloadParams, (params, signal) => objects.download(params, { signal }));
  const uploadParams = { paths: isListOf(isText), location: isText, existing, job };
  onRequest(connection, uploadFiles, uploadParams, (params, signal) => objects.upload(params, { signal }));
}
