/** jpeg against chunks that reference tools wrote. */
import { jpegCodec } from "../../../../../server/src/codecs/chunk/jpeg.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

goldenCodecSuite(jpegCodec);
