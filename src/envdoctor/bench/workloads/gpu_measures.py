# mypy: ignore-errors
"""What is measured on one GPU, whichever library asks for it; a device says how it multiplies, copies and waits."""

import time

from telling import tell_figure, tell_missing

MIB = 1 << 20
SIZES = (2048, 4096, 8192, 16384)
BYTES_OF = {"fp64": 8, "fp32": 4, "tf32": 4, "bf16": 2, "fp16": 2, "fp8": 2}


def rates(device, work, amount, seconds, repeats=5):
    """Amount a second of each repeat; a repeat is as many calls as fit its part of the time, waited for at their end."""
    for _ in range(2):  # code is loaded, and the clock rises
        work()
    device.wait()
    begin = time.perf_counter()
    work()
    device.wait()
    once = max(time.perf_counter() - begin, 1e-7)
    calls = max(1, min(int(seconds / repeats / once), 10000))
    told = []
    for _ in range(repeats):
        begin = time.perf_counter()
        for _ in range(calls):
            work()
        device.wait()
        told.append(calls * amount / (time.perf_counter() - begin))
        if once > seconds:
            break
    return told


def measure_products(device, precisions, seconds):
    """The best over several sizes of matrix, in 10^12 operations a second."""
    each = seconds / max(len(precisions), 1)
    for precision in precisions:
        name, best = f"gpu.matmul_{precision}", None
        try:
            for size in SIZES:
                if 3 * size * size * BYTES_OF[precision] > device.memory_bytes() * 0.6:
                    break
                begin = time.perf_counter()
                operations = 2.0 * size**3
                told = rates(device, device.product(precision, size), operations / 1e12, each / len(SIZES))
                if best is None or max(told) > max(best[0]):
                    best = told, size
                if time.perf_counter() - begin > each:
                    break
        except device.failures as error:
            if best is None:
                tell_missing(name, first_line(error), gpu=device.index)
                continue
        if best is None:
            tell_missing(name, "there is not enough free memory on the GPU", gpu=device.index)
            continue
        tell_figure(name, max(best[0]), best[0], f"{device.library}, {best[1]} × {best[1]}", gpu=device.index)


def measure_memory(device, seconds):
    """Copies within the device, each byte read and written, in 10^9 bytes a second."""
    count = int(min(1024 * MIB, device.memory_bytes() // 8)) // MIB * MIB
    one_figure(device, "gpu.memory_copy", lambda: device.copy(count), 2 * count, seconds, f"{count // MIB} MiB")


def measure_copies(device, seconds):
    """Copies between main memory and the device, from memory that is pinned and that is not."""
    count = int(min(256 * MIB, device.memory_bytes() // 16)) // MIB * MIB
    for pinned, kind in ((True, "pinned"), (False, "pageable")):
        for to_device, way in ((True, "host_to_device"), (False, "device_to_host")):
            name = f"gpu.{way}_{kind}"
            make = make_transfer(device, count, pinned, to_device)
            one_figure(device, name, make, count, seconds / 4, f"{count // MIB} MiB, {kind} memory")


def make_transfer(device, count, pinned, to_device):
    """What makes the function that copies."""
    return lambda: device.transfer(count, pinned, to_device)


def one_figure(device, name, make, moved, seconds, how):
    """Make, repeat, tell the best."""
    try:
        told = rates(device, make(), moved / 1e9, seconds)
    except device.failures as error:
        tell_missing(name, first_line(error), gpu=device.index)
        return
    tell_figure(name, max(told), told, f"{device.library}, {how}", gpu=device.index)


def first_line(error):
    """What an error says, without the advice below it."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
