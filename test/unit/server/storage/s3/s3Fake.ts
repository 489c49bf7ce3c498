/** Stores of the driver on the fake S3, for the tests of this folder. */
import type { Credential, FoundCredential } from "../../../../../server/src/storage/credential.ts";
import type { Location } from "../../../../../server/src/storage/location.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { createS3Driver, type S3DriverOptions } from "../../../../../server/src/storage/s3/s3.ts";
import { defaultStoreOptions, type Store, type StoreOptions } from "../../../../../server/src/storage/store.ts";
import { createFakeClock } from "../../../../fakes/clock.ts";
import type { S3Credential } from "../../../../fakes/cloud/s3State.ts";

/** A key that the fakes know. */
export const owner: S3Credential = { accessKeyId: "AKIDOWNER", secretAccessKey: "owner+secret/key" };
export const ten = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

export interface OpenOptions extends Partial<S3DriverOptions> {
  /** Default: the owner's. */
  readonly credential?: Credential;
  readonly limits?: Partial<StoreOptions>;
}

/** The search for a credential that finds this one. */
export function finding(credential: Credential, name = "test-key"): NonNullable<S3DriverOptions["find"]> {
  const kind = credential.kind === "anonymous" || credential.kind === "chain" ? credential.kind : "option";
  const found: FoundCredential = { credential, identity: kind === "option" ? { kind, name } : { kind } };
  return async () => found;
}

export const ownerCredential: Credential = { kind: "aws", ...owner };

/** A store on its own driver; time goes on without waiting. */
export function openStore(
  location: Location | string,
  options: OpenOptions = {},
): Required<Pick<Store, S3Method>> & Store {
  const { credential = ownerCredential, limits, ...driverOptions } = options;
  const clock = createTestClock();
  const driver = createS3Driver({ find: finding(credential), clock, environment: {}, ...driverOptions });
  const place = typeof location === "string" ? parseLocation(location) : location;
  const store = driver.open(place, { ...defaultStoreOptions, ...limits });
  const { put, stat, delete: remove, deleteAll, copyFrom, identity, list, dispose } = store;
  if (!put || !stat || !remove || !deleteAll || !copyFrom || !identity || !list || !dispose) {
    throw new Error("an S3 store has all methods");
  }
  return { ...store, put, stat, delete: remove, deleteAll, copyFrom, identity, list, dispose };
}

type S3Method = "put" | "stat" | "delete" | "deleteAll" | "copyFrom" | "identity" | "list" | "dispose";

/** The system's time of day, as signatures need it, and no waiting. */
export function createTestClock(offsetMs = 0): ReturnType<typeof createFakeClock> {
  const clock = createFakeClock();
  const started = Date.now() + offsetMs;
  return { ...clock, now: () => started + clock.now() };
}
