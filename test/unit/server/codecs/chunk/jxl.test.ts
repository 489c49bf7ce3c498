/** jxl: the contract of codecs, and the golden volumes. */
import { jxlCodec } from "../../../../../server/src/codecs/chunk/jxl.ts";
import { codecSuite } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

codecSuite({ descriptor: jxlCodec, parameters: { jxl_quality: 100 } });
goldenCodecSuite(jxlCodec);
