/** What the reference answers about the labels of its own chunks, in every encoding that can be asked. */
import { compressedSegmentationCodec } from "../../../../../server/src/codecs/chunk/compressed_segmentation.ts";
import { compressoCodec } from "../../../../../server/src/codecs/chunk/compresso.ts";
import { crackleCodec } from "../../../../../server/src/codecs/chunk/crackle.ts";
import { rawCodec } from "../../../../../server/src/codecs/chunk/raw.ts";
import { goldenLabelsSuite } from "../../../../conformance/goldenLabels.ts";

goldenLabelsSuite(rawCodec);
goldenLabelsSuite(compressedSegmentationCodec);
goldenLabelsSuite(compressoCodec);
goldenLabelsSuite(crackleCodec);
