/** zfpc: the contract of codecs, the golden volumes, and chunks that the reference (zfpc 0.1.2, zfp 1.0.1) wrote. */
import { zfpcCodec } from "../../../../../server/src/codecs/chunk/zfpc.ts";
import { codecSuite } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

codecSuite({ descriptor: zfpcCodec });
goldenCodecSuite(zfpcCodec);
