# mypy: ignore-errors
"""Data loading: CIFAR-10-shaped images, cropped, flipped and made floats, in batches. Arguments: seconds, workers.

By PyTorch's DataLoader where it is there: with workers, and in the process itself to compare. Else by processes of
Python's own that hand batches over as bytes.
"""

import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from telling import tell_doing, tell_figure, tell_missing

SIDE, COLORS, BATCH, IMAGES = 32, 3, 128, 2048
WITH, WITHOUT = "loader.samples", "loader.samples_one_process"


class TensorImages:
    """A data set of PyTorch: padded crop, flip, floats."""

    def __init__(self, torch, pad):
        self.torch, self.pad = torch, pad
        self.images = torch.randint(0, 256, (IMAGES, COLORS, SIDE, SIDE), dtype=torch.uint8)

    def __len__(self):
        return 1 << 30

    def __getitem__(self, index):
        image = self.pad(self.images[index % IMAGES], (4, 4, 4, 4))
        top, left = random.randrange(9), random.randrange(9)  # noqa: S311 - no secret
        image = image[:, top : top + SIDE, left : left + SIDE]
        if index & 1:
            image = image.flip(-1)
        return image.to(self.torch.float32).div_(255.0).sub_(0.5), index % 10

    def __getstate__(self):
        return self.images

    def __setstate__(self, images):
        import torch

        self.torch, self.pad, self.images = torch, torch.nn.functional.pad, images


class ByteImages:
    """The same without any package: a batch is bytes."""

    def __init__(self):
        self.images = [os.urandom(COLORS * SIDE * SIDE) for _ in range(64)]
        self.to_float = bytes(range(255, -1, -1))

    def batch(self, number):
        """A batch of images, each moved, flipped and looked up in a table."""
        made = []
        for index in range(BATCH):
            image = self.images[(number + index) % len(self.images)]
            shift = random.randrange(9)  # noqa: S311 - no secret
            image = image[shift:] + image[:shift]
            made.append((image[::-1] if index & 1 else image).translate(self.to_float))
        return b"".join(made)


def rates_of(batches, seconds):
    """Samples a second after the first batch: over the whole time, and of each fifth of it."""
    next(batches)
    begin = last = time.perf_counter()
    count, before, slices = 0, 0, []
    while last - begin < seconds:
        next(batches)
        count += BATCH
        now = time.perf_counter()
        if now - last >= seconds / 5:
            slices.append((count - before) / (now - last))
            last, before = now, count
    return count / (last - begin), slices


def with_torch(seconds, workers):
    """By DataLoader."""
    import torch
    from torch.utils.data import DataLoader

    torch.set_num_threads(1)
    images = TensorImages(torch, torch.nn.functional.pad)
    for name, count in ((WITHOUT, 0), (WITH, workers)):
        loader = DataLoader(images, batch_size=BATCH, num_workers=count)
        rate, slices = rates_of(iter(loader), seconds / 2)
        how = f"torch {torch.__version__} DataLoader, {count} workers, batches of {BATCH}"
        tell_figure(name, rate, slices, how if count else how.replace("0 workers", "no workers"))


SOURCE = None


def start_worker():
    """What each process makes for itself."""
    global SOURCE
    SOURCE = ByteImages()


def make_batch(number):
    """One batch, in a worker."""
    return SOURCE.batch(number)


def with_processes(seconds, workers):
    """By a pool of processes."""
    import multiprocessing

    start_worker()
    rate, slices = rates_of(map(make_batch, iter(int, 1)), seconds / 2)
    how = f"Python {sys.version_info[0]}.{sys.version_info[1]}, {{}}, batches of {BATCH}"
    tell_figure(WITHOUT, rate, slices, how.format("one process"))
    pool = multiprocessing.Pool(workers, start_worker)
    rate, slices = rates_of(pooled(pool, workers * 2), seconds / 2)
    pool.close()  # what was asked for in advance is still made: terminating a busy pool hangs at times (Python 3.8)
    pool.join()
    tell_figure(WITH, rate, slices, how.format(f"{workers} worker processes"))


def pooled(pool, ahead):
    """Batches from a pool, `ahead` of them asked for in advance."""
    waiting = [pool.apply_async(make_batch, (number,)) for number in range(ahead)]
    number = ahead
    while True:
        batch = waiting.pop(0).get()
        waiting.append(pool.apply_async(make_batch, (number,)))
        number += 1
        yield batch


def main(seconds, workers):
    """Measure with what there is."""
    tell_doing("data loading")
    try:
        import torch  # noqa: F401 - whether it is there
    except (ImportError, OSError):
        with_processes(seconds, workers)
        return
    try:
        with_torch(seconds, workers)
    except (RuntimeError, OSError) as error:
        tell_missing(WITH, f"DataLoader failed: {error}")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
