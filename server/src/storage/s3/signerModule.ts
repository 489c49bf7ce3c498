/** The SDK's signer, to be imported on first need; see sdkModule.ts. */
export { SignatureV4 } from "@smithy/signature-v4";
