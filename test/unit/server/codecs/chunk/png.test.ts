/** png: the contract of codecs, and chunks that reference tools wrote. */
import { pngCodec } from "../../../../../server/src/codecs/chunk/png.ts";
import { codecSuite } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

codecSuite({ descriptor: pngCodec });
goldenCodecSuite(pngCodec);
