/** compresso against chunks that reference tools wrote. */
import { compressoCodec } from "../../../../../server/src/codecs/chunk/compresso.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

goldenCodecSuite(compressoCodec);
