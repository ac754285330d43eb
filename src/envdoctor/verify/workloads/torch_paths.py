# mypy: ignore-errors
"""PyTorch: mixed precision, CUDA's libraries, compilation, worker processes, all-reduce, saving and loading."""

import contextlib
import os
import shutil
import sys
import tempfile

import torch
import torch_models as models
from workload_session import SkippedWorkload, has_loopback, loaded_libraries


def mixed_precision(device, note):
    """Train under autocast: bfloat16 where the device has it, else float16 with scaled losses."""
    if device.type == "mps":
        raise SkippedWorkload("autocast on Apple GPUs is not tried")
    is_cuda = device.type == "cuda"
    kind = torch.bfloat16 if not is_cuda or torch.cuda.is_bf16_supported() else torch.float16
    if not hasattr(torch, "autocast"):
        raise SkippedWorkload("this torch has no torch.autocast")
    model, inputs, targets = models.made(models.convolutional, device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    scaler = torch.cuda.amp.GradScaler() if kind == torch.float16 else None
    losses = []
    for _ in range(models.STEPS):
        optimizer.zero_grad()
        with torch.autocast(device.type, dtype=kind):
            outputs = model(inputs)
            loss = torch.nn.functional.cross_entropy(outputs.float(), targets)
        if outputs.dtype != kind:
            raise AssertionError(f"autocast computed in {outputs.dtype} instead of {kind}")
        if scaler is None:
            loss.backward()
            optimizer.step()
        else:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        losses.append(loss.item())
    note.detail(str(kind).replace("torch.", ""))
    note.losses(losses)


def gpu_libraries(device, note):
    """A convolution by cuDNN itself and a product by cuBLAS, each as the CPU computes it."""
    if device.type != "cuda":
        raise SkippedWorkload(f"cuDNN and cuBLAS serve NVIDIA GPUs; this is the {device.type}")
    torch.manual_seed(0)
    image, kernel = torch.randn(4, 3, 32, 32), torch.randn(8, 3, 3, 3)
    wanted = torch.nn.functional.conv2d(image.double(), kernel.double(), padding=1)
    if getattr(torch.version, "hip", None):
        found = torch.nn.functional.conv2d(image.to(device), kernel.to(device), padding=1)
    else:
        found = torch.cudnn_convolution(image.to(device), kernel.to(device), [1, 1], [1, 1], [1, 1], 1, False, True, False)
    expect_close(found, wanted, "the convolution of cuDNN")
    left = torch.randn(256, 256)
    for kind, tolerance in ((torch.float32, 1e-3), (torch.float16, 2e-2)):
        product = left.to(device, kind) @ left.to(device, kind)
        expect_close(product, left.double() @ left.double(), f"the {kind} product of cuBLAS", tolerance)
    note.detail(f"cuDNN {torch.backends.cudnn.version()}")
    note.detail("kernels {}".format("; ".join(kernels_of(left.to(device), image.to(device), kernel.to(device))) or "not told"))
    note.detail("loaded {}".format(" ".join(loaded_libraries("libcudnn.so", "libcublas", "libMIOpen", "librocblas"))))


def expect_close(found, wanted, what, tolerance=1e-3):
    """Make sure that two tensors are the same but for rounding."""
    error = float((found.double().cpu() - wanted).abs().max() / wanted.abs().max())
    if not error <= tolerance:
        raise AssertionError(f"{what} is off by {error:.3g}")


def kernels_of(left, image, kernel):
    """Names of the GPU's kernels that a product and a convolution ran, as the profiler saw them."""
    from torch.profiler import ProfilerActivity, profile

    names = []
    with contextlib.suppress(RuntimeError):  # where the profiler has no permission, results count all the same
        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
            left @ left
            torch.nn.functional.conv2d(image, kernel, padding=1)
            torch.cuda.synchronize()
        names = [event.key for event in seen.key_averages() if not event.key.startswith("aten::")]
    words = ("gemm", "conv", "cudnn", "cutlass", "nvjet")
    return [name[:60] for name in names if any(word in name.lower() for word in words)][:3]


def compiled(device, note):
    """torch.compile with its default backend: Triton on GPUs, C++ on CPUs. The compiled network must train as well."""
    if not hasattr(torch, "compile"):
        raise SkippedWorkload(f"torch {torch.__version__} has no torch.compile")
    named = os.environ.get("CXX")
    if device.type == "cpu" and not (named or shutil.which("g++") or shutil.which("clang++") or shutil.which("cl")):
        raise SkippedWorkload("torch.compile needs a C++ compiler on the CPU, and there is none")
    if device.type == "cuda" and not (os.environ.get("CC") or shutil.which("gcc") or shutil.which("clang")):
        raise SkippedWorkload("Triton needs a C compiler, and there is none")
    model, inputs, targets = models.made(models.perceptron, device)
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = os.environ["TRITON_CACHE_DIR"] = tempfile.mkdtemp(dir=os.getcwd())
    eager = models.loss_of(model, inputs, targets).item()
    fast = torch.compile(model)
    first = models.loss_of(fast, inputs, targets).item()
    if abs(eager - first) > 1e-3 * abs(eager):
        raise AssertionError(f"compiled, the loss is {first:.6g} instead of {eager:.6g}")
    note.losses(models.train(fast, inputs, targets))
    with contextlib.suppress(ImportError):
        import triton

        note.detail(f"triton {triton.__version__}")


class Images(torch.utils.data.Dataset):
    """Images of 224 x 224, made on the spot."""

    def __len__(self):
        return 64

    def __getitem__(self, place):
        return torch.full((3, 224, 224), float(place)), place


def data_loader(device, note):
    """Two worker processes hand batches of 9 MiB over through shared memory."""
    loader = torch.utils.data.DataLoader(Images(), batch_size=16, num_workers=2, timeout=60)
    total, count = 0.0, 0
    for images, places in loader:
        total += float(images.to(device)[:, 0, 0, 0].sum()) - float(places.sum())
        count += images.numel() * images.element_size()
    if total != 0:
        raise AssertionError("batches of the DataLoader's workers are not what was put in")
    note.detail(f"{count >> 20} MiB from 2 workers")


def all_reduce(device, note):
    """A sum over all GPUs by NCCL, or over two processes by Gloo."""
    if not torch.distributed.is_available():
        raise SkippedWorkload("this torch was built without torch.distributed")
    if not has_loopback():
        raise SkippedWorkload("processes find each other through the loopback interface, which is not up")
    is_cuda = device.type == "cuda" and torch.distributed.is_nccl_available()
    count = torch.cuda.device_count() if is_cuda else 2
    kind = "nccl" if is_cuda else "gloo"
    if kind == "gloo":
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo0" if sys.platform == "darwin" else "lo")
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(reduce_in_process, args=(count, kind, os.path.join(folder, "meet")), nprocs=count)
    note.detail("{} over {}".format(kind.upper() if is_cuda else "Gloo", count))


def reduce_in_process(rank, count, kind, path):
    """One of the processes of `all_reduce`."""
    import datetime

    limit = datetime.timedelta(seconds=60)
    torch.distributed.init_process_group(kind, "file://" + path, timeout=limit, world_size=count, rank=rank)
    device = torch.device("cuda", rank) if kind == "nccl" else torch.device("cpu")
    values = torch.full((1000,), float(rank + 1), device=device)
    torch.distributed.all_reduce(values)
    if values.tolist() != [count * (count + 1) / 2.0] * 1000:
        raise AssertionError(f"the sum over {count} processes is {values[0].item()}")
    torch.distributed.destroy_process_group()


def save_and_load(device, note):
    """What is loaded computes what was saved."""
    model, inputs, _targets = models.made(models.convolutional, device)
    other = models.convolutional()[0].to(device)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.pt")
        torch.save(model.state_dict(), path)
        other.load_state_dict(torch.load(path, map_location=device))
        note.detail(f"{os.path.getsize(path) >> 10} KiB")
    if not torch.allclose(model.eval()(inputs), other.eval()(inputs), atol=1e-5):
        raise AssertionError("the loaded network computes something else than the saved one")


WORKLOADS = {
    "mixed-precision": mixed_precision,
    "gpu-libraries": gpu_libraries,
    "compile": compiled,
    "data-loader": data_loader,
    "all-reduce": all_reduce,
    "save-load": save_and_load,
}
