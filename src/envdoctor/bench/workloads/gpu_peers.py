# mypy: ignore-errors
"""What is measured between GPUs through PyTorch: copies from one to another, and the sum over all of them."""

import time

import torch
from telling import tell_figure, tell_missing

MIB = 1 << 20
FAILURES = (RuntimeError, AttributeError)


def seconds_of(work, count, repeats=5):
    """Seconds of each of several calls, waited for on all GPUs."""
    work()
    taken = []
    for _ in range(repeats):
        for index in range(count):
            torch.cuda.synchronize(index)
        begin = time.perf_counter()
        work()
        for index in range(count):
            torch.cuda.synchronize(index)
        taken.append(time.perf_counter() - begin)
    return taken


def measure_peers(count, seconds):
    """Copies from each GPU to each other one, as long as the time lasts; the slowest pair is the figure."""
    size, end, pairs = 256 * MIB, time.perf_counter() + seconds, []
    try:
        buffers = [torch.ones(size, dtype=torch.uint8, device=f"cuda:{index}") for index in range(count)]
        for distance in range(1, count):
            for source in range(count):
                if time.perf_counter() > end and pairs:
                    break
                target = (source + distance) % count
                taken = seconds_of(lambda one=source, two=target: buffers[two].copy_(buffers[one], non_blocking=True), count)
                pairs.append((size / min(taken) / 1e9, source, target))
    except FAILURES as error:
        tell_missing("gpu.peer_copy", str(error).splitlines()[0])
        return
    slowest, source, target = min(pairs)
    direct = torch.cuda.can_device_access_peer(source, target)
    way = "directly" if direct else "through main memory: no peer access"
    how = f"{len(pairs)} pairs; the slowest is GPU {source} to GPU {target}, {way}"
    tell_figure("gpu.peer_copy", slowest, [one[0] for one in pairs], how, pair=[source, target], direct=direct)


def measure_all_reduce(count, seconds):
    """NCCL's all-reduce in one process; the bus bandwidth of nccl-tests: bytes 2 (n - 1) / n a second."""
    size = 256 * MIB
    try:
        inputs = [torch.ones(size // 4, dtype=torch.float32, device=f"cuda:{index}") for index in range(count)]
        taken = seconds_of(lambda: torch.cuda.nccl.all_reduce(inputs), count, repeats=8)
    except FAILURES as error:
        tell_missing("gpu.all_reduce", str(error).splitlines()[0])
        return
    moved = size * 2 * (count - 1) / count / 1e9
    how = f"NCCL, {count} GPUs, {size // MIB} MiB of fp32, bus bandwidth"
    tell_figure("gpu.all_reduce", moved / min(taken), [moved / one for one in taken], how)
