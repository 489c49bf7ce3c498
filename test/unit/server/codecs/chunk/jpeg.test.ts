/** jpeg: the contract of codecs, and chunks that reference tools wrote. */
import { jpegCodec } from "../../../../../server/src/codecs/chunk/jpeg.ts";
import { codecSuite } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

codecSuite({ descriptor: jpegCodec, tolerance: 2 });
goldenCodecSuite(jpegCodec);
