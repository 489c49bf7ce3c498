/** raw: the contract of codecs, and chunks that reference tools wrote. */
import { rawCodec } from "../../../../../server/src/codecs/chunk/raw.ts";
import { codecSuite } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

codecSuite({ descriptor: rawCodec });
goldenCodecSuite(rawCodec);
