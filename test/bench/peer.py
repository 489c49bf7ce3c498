"""CloudVolume and tensorstore for the benchmark: opens a layer, reads a box, says how long it took. One JSON line for each request.

Each repetition gives one new array in Fortran order, as the caller would own it, and drops it after the clock has stopped.
"""

import hashlib
import json
import os
import sys
import time

replies = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import numpy as np  # noqa: E402
import tensorstore  # noqa: E402
from cloudfiles import CloudFiles, compression  # noqa: E402
from cloudvolume import CloudVolume, chunks  # noqa: E402

readers = {}


def open_cloudvolume(location):
    volume = CloudVolume(location, progress=False)
    return lambda box: volume[box]


def open_tensorstore(location):
    if location.startswith("file://"):
        kvstore = {"driver": "file", "path": location[len("file://") :] + "/"}
    else:
        base, _, path = location.partition("://")[2].partition("/")
        kvstore = {"driver": "http", "base_url": "http://" + base, "path": "/" + path + "/"}
    threads = {"data_copy_concurrency": {"limit": 2}, "cache_pool": {"total_bytes_limit": 0}}
    spec = {"driver": "neuroglancer_precomputed", "kvstore": kvstore, "context": threads}
    store = tensorstore.open(spec, open=True, read=True).result()
    return lambda box: store[box].read(order="F").result()


openers = {"cloudvolume": open_cloudvolume, "tensorstore": open_tensorstore}


def open_layer(request):
    box = tuple(slice(0, side) for side in request["size"])
    of_box = openers[request["peer"]](request["location"])
    readers[request["peer"]] = lambda: of_box(box)
    array = np.asarray(of_box(box))
    return {"sha256": hashlib.sha256(array.tobytes("F")).hexdigest(), "shape": list(array.shape)}


def repeat(request):
    read = readers[request["peer"]]
    cpu, wall = time.process_time(), time.perf_counter()
    array = read()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    del array
    return {"wallMs": wall * 1000, "cpuMs": cpu * 1000}


def open_chunk(request):
    """Reads the voxels of a chunk, writes it encoded, and keeps what repeat_chunk runs."""
    dtype, shape = np.dtype(request["dtype"]), tuple(request["shape"])
    voxels = np.fromfile(request["voxels"], dtype=dtype).reshape(shape, order="F")
    encoding, _, second = request["encoding"].partition("+")

    def encode():
        encoded = chunks.encode(voxels, encoding, block_size=(8, 8, 8))
        return compression.compress(encoded, second) if second else encoded

    def decode():
        first = compression.decompress(encoded, second) if second else encoded
        return chunks.decode(first, encoding, shape, dtype, (8, 8, 8))

    encoded = bytes(encode())
    with open(request["encoded"], "wb") as file:
        file.write(encoded)
    readers["chunk"] = {"encode": encode, "decode": decode}
    return {"bytes": len(encoded)}


def repeat_chunk(request):
    run = readers["chunk"][request["direction"]]
    wall = time.perf_counter()
    result = run()
    wall = time.perf_counter() - wall
    del result
    return {"ms": wall * 1000}


def gets(request):
    """Many objects through CloudFiles, as its users read them."""
    files = CloudFiles(request["location"], progress=False)
    cpu, wall = time.process_time(), time.perf_counter()
    objects = files.get(request["names"])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if not all(len(each["content"]) == 65536 for each in objects):
        raise ValueError("an object has another size")
    return {"wallMs": wall * 1000, "cpuMs": cpu * 1000}


commands = {"gets": gets, "open": open_layer, "repeat": repeat, "open_chunk": open_chunk, "repeat_chunk": repeat_chunk}

for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = {"result": commands[request["command"]](request)}
    except Exception as error:
        reply = {"error": type(error).__name__, "message": str(error)[:500]}
    replies.write(json.dumps(reply) + "\n")
