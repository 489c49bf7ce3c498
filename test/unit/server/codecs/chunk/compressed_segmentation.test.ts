/** compressed_segmentation against chunks that reference tools wrote. */
import { compressedSegmentationCodec } from "../../../../../server/src/codecs/chunk/compressed_segmentation.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

goldenCodecSuite(compressedSegmentationCodec);
