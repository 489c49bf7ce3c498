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
from cloudvolume import CloudVolume  # noqa: E402

readers = {}


def open_cloudvolume(location):
    volume = CloudVolume(location, progress=False)
    return lambda: volume[:, :, :]


def open_tensorstore(location):
    if location.startswith("file://"):
        kvstore = {"driver": "file", "path": location[len("file://") :] + "/"}
    else:
        base, _, path = location.partition("://")[2].partition("/")
        kvstore = {"driver": "http", "base_url": "http://" + base, "path": "/" + path + "/"}
    threads = {"data_copy_concurrency": {"limit": 2}, "cache_pool": {"total_bytes_limit": 0}}
    spec = {"driver": "neuroglancer_precomputed", "kvstore": kvstore, "context": threads}
    store = tensorstore.open(spec, open=True, read=True).result()
    return lambda: store.read(order="F").result()


openers = {"cloudvolume": open_cloudvolume, "tensorstore": open_tensorstore}


def open_layer(request):
    read = openers[request["peer"]](request["location"])
    array = np.asarray(read())
    readers[request["peer"]] = read
    return {"sha256": hashlib.sha256(array.tobytes("F")).hexdigest(), "shape": list(array.shape)}


def repeat(request):
    read = readers[request["peer"]]
    cpu, wall = time.process_time(), time.perf_counter()
    array = read()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    del array
    return {"wallMs": wall * 1000, "cpuMs": cpu * 1000}


commands = {"open": open_layer, "repeat": repeat}

for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = {"result": commands[request["command"]](request)}
    except Exception as error:
        reply = {"error": type(error).__name__, "message": str(error)[:500]}
    replies.write(json.dumps(reply) + "\n")
