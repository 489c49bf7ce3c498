/** undici's pool of connections, to be imported on first need: it is most of what a worker thread would load, and the raw client does nearly all reads. */
export { Pool } from "undici";
