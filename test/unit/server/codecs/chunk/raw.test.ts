/** raw against chunks that reference tools wrote. */
import { rawCodec } from "../../../../../server/src/codecs/chunk/raw.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

goldenCodecSuite(rawCodec);
