/** compressed_segmentation: the contract of codecs, and chunks that reference tools wrote. */
import { compressedSegmentationCodec } from "../../../../../server/src/codecs/chunk/compressed_segmentation.ts";
import { codecSuite } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

codecSuite({ descriptor: compressedSegmentationCodec });
goldenCodecSuite(compressedSegmentationCodec);
