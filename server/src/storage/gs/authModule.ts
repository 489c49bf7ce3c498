/** What is used of google-auth-library, to be imported on first need: bundlers give the names of a CommonJS module to static imports only. */
export { Compute, GoogleAuth, Impersonated } from "google-auth-library";
