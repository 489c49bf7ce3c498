"""Single chunks as CloudVolume's codecs write and read them; by the codec's own library where CloudVolume is known to be wrong.

Voxels cross in files: little endian, x fastest, then y, z, channel.
"""

import hashlib
import struct

import imagecodecs
import numpy as np
import zfpy
from cloudvolume import chunks

level_names = {"png": "png_level", "jpeg": "jpeg_quality", "jxl": "jxl_quality", "fpzip": "fpzip_precision"}


def compression_params(request):
    """The scale's parameters as CloudVolume hands them to its encoders."""
    parameters = dict(request.get("parameters", {}))
    name = level_names.get(request["encoding"])
    if name in parameters:
        parameters["level"] = parameters.pop(name)
    if request["encoding"] == "zfpc":
        return {key.removeprefix("zfpc_"): value for key, value in parameters.items()}
    return parameters


def encode_chunk(request):
    """Encodes the voxels of a file into another; gives the number of bytes."""
    dtype = np.dtype(request["dtype"])
    voxels = np.fromfile(request["voxels"], dtype=dtype).reshape(request["shape"], order="F")
    block = request.get("parameters", {}).get("compressed_segmentation_block_size", (8, 8, 8))
    if request["encoding"] == "png" and dtype.itemsize == 2:
        x, y, z, c = request["shape"]
        image = np.ascontiguousarray(voxels.transpose(2, 1, 0, 3)).reshape(z * y, x, c)
        encoded = imagecodecs.png_encode(image[..., 0] if c == 1 else image)
    else:
        encoded = encode_as_cloudvolume(voxels, request, block)
    with open(request["encoded"], "wb") as file:
        file.write(encoded)
    return {"bytes": len(encoded)}


def encode_as_cloudvolume(voxels, request, block):
    return chunks.encode(voxels, request["encoding"], block_size=block, compression_params=compression_params(request))


def decode_chunk(request):
    """Decodes a file; gives the hash of its voxels, and writes them where the request says."""
    with open(request["encoded"], "rb") as file:
        encoded = file.read()
    shape, dtype = request["shape"], np.dtype(request["dtype"])
    encoding = request["encoding"]
    if encoding in image_decoders and shape[3] > 1 or encoding == "png" and dtype.itemsize == 2:
        voxels = interleaved_image(image_decoders[encoding](encoded), shape)
    elif encoding == "zfpc" and dtype != np.float32:
        voxels = zfp_streams(encoded, shape, dtype)
    else:
        block = request.get("parameters", {}).get("compressed_segmentation_block_size", (8, 8, 8))
        voxels = np.asarray(chunks.decode(encoded, encoding, shape=tuple(shape), dtype=dtype, block_size=block))
        voxels = voxels.reshape(shape, order="F")
    if voxels.dtype != dtype:
        raise ValueError(f"decoded to {voxels.dtype}, not {dtype}")
    content = voxels.tobytes("F")
    if "file" in request:
        with open(request["file"], "wb") as file:
            file.write(content)
    return {"sha256": hashlib.sha256(content).hexdigest(), "shape": list(voxels.shape)}


def transcode_chunk(request):
    """Takes the bytes of a file from one encoding to another, without loss where CloudVolume can; gives the number of bytes."""
    with open(request["encoded"], "rb") as file:
        encoded = file.read()
    shape = request["shape"]
    ways = (request["from"], request["to"], lambda _: shape, np.dtype(request["dtype"]))
    [(_, transcoded)] = chunks.transcode({0: encoded}, *ways)
    with open(request["transcoded"], "wb") as file:
        file.write(transcoded)
    return {"bytes": len(transcoded)}


image_decoders = {
    "png": imagecodecs.png_decode,
    "jpeg": imagecodecs.jpeg8_decode,
    "jxl": imagecodecs.jpegxl_decode,
}


def interleaved_image(image, shape):
    """An image of the width x and the height y * z, channels interleaved or a frame each, as [x, y, z, channel]."""
    x, y, z, c = shape
    if image.shape == (c, y * z, x):
        image = image.transpose(1, 2, 0)
    return np.asfortranarray(image.reshape(z, y, x, c).transpose(2, 1, 0, 3))


def zfp_streams(encoded, shape, dtype):
    """zfpc's container, its streams decoded by zfp itself: CloudVolume's reader makes float32 of every type."""
    correlated = encoded[22]
    (count_at,) = struct.unpack_from("<Q", encoded, 23)
    sizes = struct.unpack_from(f"<{(count_at - 31) // 8}Q", encoded, 31)
    voxels = np.zeros(shape, dtype=dtype, order="F")
    loose = [axis for axis in range(4) if not correlated >> axis & 1]
    grid = [shape[axis] for axis in loose]
    start = count_at
    for index, size in enumerate(sizes):
        at = [slice(None)] * 4
        for axis, place in zip(loose, np.unravel_index(index, grid, order="F") if grid else ()):
            at[axis] = slice(place, place + 1)
        part = voxels[tuple(at)]
        decoded = zfpy.decompress_numpy(encoded[start : start + size])
        voxels[tuple(at)] = np.asarray(decoded).reshape(part.shape, order="F")
        start += size
    return voxels
