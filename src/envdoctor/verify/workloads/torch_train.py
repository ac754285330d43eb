# mypy: ignore-errors
"""PyTorch: trains small networks on one device, and tries what training rests on."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from workload_session import Session, SkippedWorkload, loaded_libraries


def main():
    """Import torch, find the device, run what is wanted."""
    session = Session(sys.argv)
    with session.trying("import") as note:
        import torch

        build = "CUDA " + torch.version.cuda if torch.version.cuda else ""
        build = build or ("ROCm " + torch.version.hip if getattr(torch.version, "hip", None) else "CPU")
        session.framework("torch", torch.__version__, build=build)
        note.detail(f"torch {torch.__version__}, {build} build")
    if note.passed:
        place = find_device(session, build)
        if place is not None:
            import torch_models as models
            import torch_paths as paths

            networks = (("mlp", "perceptron"), ("conv", "convolutional"), ("rnn", "recurrent"), ("transformer", "transformer"))
            table = {name: trained(models, getattr(models, function)) for name, function in networks}
            table.update(paths.WORKLOADS)
            session.run(table, place)
    session.end()


def trained(models, make):
    """A workload that trains one network."""
    return lambda device, note: models.train_and_compare(make, device, note)


def find_device(session, build):
    """The torch device, after a computation on it; None where the GPU that is meant cannot be used.

    `auto` is the GPU where there is one. A build for GPUs that sees none has failed that, and goes on with the CPU.
    """
    import torch

    wanted = session.device
    mps = getattr(torch.backends, "mps", None)
    if wanted == "auto" and build == "CPU":
        has_mps = mps is not None and mps.is_available()
        wanted = "mps" if has_mps else "cpu"
    if wanted == "cpu":
        session.shown = "cpu"
        return torch.device("cpu")
    name = "cuda:0" if wanted == "auto" else wanted
    session.shown = name
    with session.trying("device") as note:
        device = open_gpu(torch, name, note)
    if note.passed:
        session.shown = "{} ({})".format(name, torch.cuda.get_device_name(device) if name != "mps" else "Apple")
        if name != "mps":
            torch.backends.cudnn.allow_tf32 = False
            session.memory = lambda: int(torch.cuda.max_memory_allocated(device))
            session.forget = lambda: torch.cuda.reset_peak_memory_stats(device)
        return device
    session.shown = "cpu"
    return torch.device("cpu") if session.device == "auto" else None


def open_gpu(torch, name, note):
    """Compute on a GPU; raises what torch says where it cannot."""
    device = torch.device(name)
    if name != "mps":
        torch.cuda.init()
        count = torch.cuda.device_count()
        if (device.index or 0) >= count > 0 and "CUDA_VISIBLE_DEVICES" in os.environ:
            raise SkippedWorkload(f"CUDA_VISIBLE_DEVICES leaves {count} GPU(s) to see")
        torch.cuda.set_device(device)
    first = torch.arange(9.0, device=device).reshape(3, 3)
    if (first @ first).sum().item() != 510.0:
        raise AssertionError("a product of 3 x 3 matrices is wrong")
    note.detail("a matrix product, {}".format(" ".join(loaded_libraries("libcuda.so", "libcublas.so", "librocblas")) or name))
    return device


if __name__ == "__main__":
    main()
