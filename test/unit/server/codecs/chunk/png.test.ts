/** png against chunks that reference tools wrote. */
import { pngCodec } from "../../../../../server/src/codecs/chunk/png.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

goldenCodecSuite(pngCodec);
