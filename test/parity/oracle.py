"""The reference's side of the parity test: answers one JSON request a line with one JSON line, in what CloudVolume does.

Voxels cross in files: little endian, x fastest, then y, z, channel. What the libraries print goes to stderr.
"""

import hashlib
import json
import os
import sys

replies = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import numpy as np  # noqa: E402
import tensorstore  # noqa: E402
from cloudfiles import CloudFiles  # noqa: E402
from cloudvolume import Bbox, CloudVolume  # noqa: E402
from oracle_chunks import decode_chunk, encode_chunk, transcode_chunk  # noqa: E402


def location_of(request):
    """A folder of this machine, or a location that says its scheme."""
    layer = request["layer"]
    return layer if "://" in layer else "file://" + layer


def open_volume(request, **options):
    options.update(request.get("options", {}))
    return CloudVolume(location_of(request), progress=False, **options)


def voxel_bytes(array):
    """The bytes of [x, y, z, channel], in Fortran order."""
    array = np.asarray(array)
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes("F")


def answer_of(array, request):
    content = voxel_bytes(array)
    if "file" in request:
        with open(request["file"], "wb") as file:
            file.write(content)
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "shape": list(array.shape),
        "dtype": str(array.dtype),
    }


def box_of(request):
    low, high = request["box"]
    return tuple(slice(start, end) for start, end in zip(low, high))


def read(request):
    """A box, or the whole mip, as CloudVolume reads it."""
    volume = open_volume(request, mip=request.get("mip", 0), bounded=False)
    if "box" not in request:
        return answer_of(volume[:], request)
    return answer_of(volume[box_of(request)], request)


def read_conformant(request):
    """A whole mip as tensorstore reads it: the truth where CloudVolume is known to be wrong."""
    spec = {
        "driver": "neuroglancer_precomputed",
        "kvstore": request.get("kvstore") or {"driver": "file", "path": request["layer"] + "/"},
        "scale_index": request.get("mip", 0),
    }
    store = tensorstore.open(spec, open=True, read=True).result()
    return answer_of(store.read().result(), request)


def describe(request):
    volume = open_volume(request)
    return {
        "info": volume.info,
        "provenance": {
            "description": volume.provenance.description,
            "owners": list(volume.provenance.owners),
            "sources": list(volume.provenance.sources),
            "processing": list(volume.provenance.processing),
        },
        "scales": [
            {
                "min": [int(value) for value in volume.meta.bounds(mip).minpt],
                "max": [int(value) for value in volume.meta.bounds(mip).maxpt],
                "chunkSize": [int(value) for value in volume.meta.chunk_size(mip)],
                "resolution": [float(value) for value in volume.meta.resolution(mip)],
                "key": volume.meta.key(mip),
            }
            for mip in volume.available_mips
        ],
        "layerType": volume.layer_type,
        "dtype": str(volume.dtype),
        "channels": int(volume.num_channels),
    }


def contents(kind, shape, dtype, seed):
    """Seeded voxels: `noise` of all bits, `labels` in clumps (some beyond 2^53), `texture` as an image, `constant`."""
    random = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if kind == "noise":
        if dtype.kind == "f":
            return np.asfortranarray(random.standard_normal(shape).astype(dtype))
        bits = random.integers(0, 256, size=(*shape, dtype.itemsize), dtype=np.uint8)
        return np.asfortranarray(bits.view(dtype).reshape(shape))
    if kind == "labels":
        top = min(np.iinfo(dtype).max, 2**64 - 2)
        ids = random.integers(1, top, size=23, dtype=np.uint64, endpoint=True).astype(dtype)
        ids[0] = 0
        coarse = random.integers(0, len(ids), size=[side // 5 + 2 for side in shape[:3]] + [shape[3]])
        for axis in range(3):
            coarse = np.repeat(coarse, 5, axis=axis)
        return np.asfortranarray(ids[coarse[: shape[0], : shape[1], : shape[2]]])
    if kind == "texture":
        x, y, z, c = np.ogrid[tuple(slice(0, side) for side in shape)]
        waves = 110 + 60 * np.sin(x / 5 + c) + 50 * np.cos(y / 7 - z / 4)
        return np.asfortranarray((waves + random.normal(0, 4, size=shape)).clip(0, np.iinfo(dtype).max).astype(dtype))
    return np.asfortranarray(np.full(shape, 7 if kind == "constant" else 0, dtype=dtype))


def write(request):
    """Makes a layer with CloudVolume and fills it; gives what was written. `parts` leaves the other chunks out."""
    info = request["info"]
    volume = CloudVolume(
        location_of(request),
        info=info,
        progress=False,
        bounded=True,
        compress=request.get("compress"),
        **request.get("options", {}),
    )
    volume.commit_info()
    volume.provenance.description = request.get("description", "")
    volume.provenance.owners = request.get("owners", [])
    volume.commit_provenance()
    written = []
    for mip, scale in enumerate(info["scales"]):
        volume.mip = mip
        shape = [*scale["size"], info["num_channels"]]
        image = contents(request["contents"], shape, info["data_type"], request["seed"] + mip)
        offset = np.array(scale.get("voxel_offset", [0, 0, 0]))
        boxes = request.get("parts") or [[offset.tolist(), (offset + scale["size"]).tolist()]]
        for low, high in boxes:
            low_index = np.array(low) - offset
            high_index = np.array(high) - offset
            part = image[tuple(slice(a, b) for a, b in zip(low_index, high_index))]
            volume[tuple(slice(a, b) for a, b in zip(low, high))] = part
        written.append(answer_of(image, {"file": request["file"] + str(mip)}))
    return written


def attempt_write(request):
    volume = open_volume(request, mip=request.get("mip", 0))
    low, high = request["box"]
    shape = [b - a for a, b in zip(low, high)] + [volume.num_channels]
    volume[box_of(request)] = np.ones(shape, dtype=request["dtype"])
    return {}


def make_s3_bucket(request):
    import boto3

    boto3.client("s3", endpoint_url=request["endpoint"]).create_bucket(Bucket=request["bucket"])
    return {}


def list_names(request):
    """One level of names, folders with a slash."""
    return sorted(CloudFiles(location_of(request)).list(flat=True))


def stop(_request):
    sys.exit(0)


commands = {
    handler.__name__: handler
    for handler in (
        read,
        read_conformant,
        describe,
        write,
        attempt_write,
        make_s3_bucket,
        list_names,
        encode_chunk,
        decode_chunk,
        transcode_chunk,
        stop,
    )
}

for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = {"result": commands[request["command"]](request)}
    except Exception as error:
        reply = {"error": type(error).__name__, "message": str(error)[:500]}
    replies.write(json.dumps(reply) + "\n")
