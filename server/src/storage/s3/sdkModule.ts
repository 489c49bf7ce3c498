/** The SDK as a module of ours, which is the one that is loaded on first use: bundlers wrap a CommonJS package only where it is imported by name. */
import * as client from "@aws-sdk/client-s3";

/** All of the client's package. */
export const sdk = client;
