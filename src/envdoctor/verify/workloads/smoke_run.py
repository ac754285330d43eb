# mypy: ignore-errors
"""One honest run of a library that is no training framework: it computes something whose outcome is known, or imports.

The word is the library's module. Nothing is downloaded: models are made from a configuration, with random weights.
"""

import importlib
import importlib.util
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from workload_session import Session, SkippedWorkload

VERSIONS = {"PIL": "Pillow"}


def main():
    """Import the module, then run what there is for it."""
    session = Session(sys.argv)
    name = session.word
    with session.trying("import") as note:
        module = importlib.import_module(name)
        version = getattr(module, "__version__", "")
        session.framework(name, version)
        note.detail(f"{VERSIONS.get(name, name)} {version}".strip())
    if note.passed and name in SMOKES:
        session.shown = "cuda:0" if session.device == "auto" and name in GPU_ONLY else session.device
        session.run({"smoke": SMOKES[name]}, module, session)
    session.end()


def torch_device(torch, session):
    """The device that is meant; under `auto` the GPU where torch has one."""
    name = session.device
    if name == "auto":
        name = session.shown = "cuda:0" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def expect(condition, what):
    """Make sure that an outcome is right."""
    if not condition:
        raise AssertionError(what)


def run_numpy(numpy, session, note):
    """A system of equations gives back what it was made from; a transform is undone by its inverse."""
    generator = numpy.random.RandomState(0)
    matrix, wanted = generator.rand(200, 200) + 20 * numpy.eye(200), generator.rand(200)
    expect(numpy.allclose(numpy.linalg.solve(matrix, matrix @ wanted), wanted), "numpy solves a system of equations wrongly")
    expect(numpy.allclose(numpy.fft.ifft(numpy.fft.fft(wanted)), wanted), "numpy's Fourier transform is not undone")
    note.detail("200 equations, a Fourier transform")


def run_scipy(scipy, session, note):
    """A sparse system, an integral and a minimum."""
    import numpy
    from scipy import integrate, optimize, sparse
    from scipy.sparse.linalg import spsolve

    matrix = sparse.diags([-numpy.ones(99), 4 * numpy.ones(100), -numpy.ones(99)], [-1, 0, 1], format="csc")
    wanted = numpy.arange(100.0)
    expect(numpy.allclose(spsolve(matrix, matrix @ wanted), wanted), "scipy solves a sparse system wrongly")
    expect(abs(integrate.quad(numpy.sin, 0, numpy.pi)[0] - 2) < 1e-9, "scipy integrates the sine wrongly")
    found = optimize.minimize(lambda point: ((point - 3) ** 2).sum(), numpy.zeros(2)).x
    expect(numpy.allclose(found, 3, atol=1e-3), "scipy finds another minimum")
    note.detail("a sparse system, an integral, a minimum")


def run_pillow(pillow, session, note):
    """An image that is drawn, resized, written as PNG and JPEG, and read again."""
    import io

    from PIL import Image, features

    image = Image.new("RGB", (64, 64), (200, 30, 30)).resize((32, 32))
    for kind in ("PNG",) + (("JPEG",) if features.check("jpg") else ()):
        stream = io.BytesIO()
        image.save(stream, kind)
        stream.seek(0)
        red = Image.open(stream).convert("RGB").getpixel((5, 5))[0]
        expect(abs(red - 200) < 6, f"{kind} gives back another colour")
        note.detail(kind)


def run_sklearn(sklearn, session, note):
    """A forest learns what two clouds are, and a regression finds its line."""
    import numpy
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LinearRegression

    generator = numpy.random.RandomState(0)
    inputs, slopes = generator.rand(200, 3), numpy.array([1.0, -2.0, 3.0])
    expect(numpy.allclose(LinearRegression().fit(inputs, inputs @ slopes).coef_, slopes), "a regression misses its line")
    clouds = numpy.concatenate([generator.randn(100, 2), generator.randn(100, 2) + 8])
    kinds = numpy.repeat([0, 1], 100)
    score = RandomForestClassifier(20, random_state=0).fit(clouds, kinds).score(clouds, kinds)
    expect(score > 0.98, "a forest does not tell two clouds apart")
    note.detail("a regression, a forest")


def run_torchvision(torchvision, session, note):
    """Its compiled operators, and a network without weights."""
    import torch

    device = torch_device(torch, session)
    boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 9.5], [20.0, 20.0, 30.0, 30.0]], device=device)
    kept = torchvision.ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7], device=device), 0.5).tolist()
    expect(kept == [0, 2], f"torchvision.ops.nms keeps {kept}")
    model = torchvision.models.resnet18(num_classes=10).to(device).eval()
    expect(model(torch.zeros(1, 3, 64, 64, device=device)).shape == (1, 10), "resnet18 has another outcome")
    note.detail("nms, resnet18")


def run_torchaudio(torchaudio, session, note):
    """A spectrogram, and another rate of sampling."""
    import torch

    sound = torch.sin(torch.arange(8000) * 0.3)
    expect(torchaudio.functional.resample(sound, 8000, 4000).shape == (4000,), "torchaudio resamples to another length")
    expect(bool(torchaudio.transforms.Spectrogram()(sound).isfinite().all()), "a spectrogram is not finite")
    note.detail("resample, spectrogram")


def need_driver(cupy):
    """CUDA calls no driver at all one that is too old; its version tells them apart."""
    if not cupy.cuda.runtime.driverGetVersion():
        raise RuntimeError("Found no NVIDIA driver on your system (cudaErrorInsufficientDriver, and its version is 0)")


def run_cupy(cupy, session, note):
    """A product on the GPU, by cuBLAS and by a kernel that is compiled on the spot."""
    import numpy

    need_driver(cupy)
    with cupy.cuda.Device(int(session.device.partition(":")[2] or 0)):
        values = cupy.arange(100, dtype="float32").reshape(10, 10)
        wanted = cupy.asnumpy(values) @ cupy.asnumpy(values)
        expect(numpy.allclose(cupy.asnumpy(values @ values), wanted), "cupy computes another product")
        square = cupy.ElementwiseKernel("float32 x", "float32 y", "y = x * x", "square")
        expect(float(square(values)[0, 3]) == 9.0, "a kernel of cupy computes something else")
    note.detail(f"CUDA runtime {cupy.cuda.runtime.runtimeGetVersion()}")


def run_cudf(cudf, session, note):
    """A grouped sum on the GPU."""
    import cupy

    need_driver(cupy)
    sums = cudf.DataFrame({"key": [1, 2, 1], "value": [10, 20, 30]}).groupby("key").sum()["value"].to_pandas()
    expect(sums.loc[1] == 40 and sums.loc[2] == 20, "cudf sums wrongly")
    note.detail("a grouped sum")


def run_transformers(transformers, session, note):
    """A model of two layers from a configuration learns a sequence, and generates."""
    if importlib.util.find_spec("torch") is None:
        raise SkippedWorkload("transformers imports; its models need torch, which is not installed")
    import torch

    torch.manual_seed(0)
    device = torch_device(torch, session)
    config = transformers.GPT2Config(
        n_layer=2, n_head=2, n_embd=32, vocab_size=100, n_positions=32, bos_token_id=0, eos_token_id=1
    )
    model = transformers.GPT2LMHeadModel(config).to(device)
    tokens = torch.randint(2, 100, (4, 16), device=device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    losses = []
    for _ in range(6):
        loss = model(input_ids=tokens, labels=tokens).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    mask = torch.ones_like(tokens[:1, :4])
    made = model.eval().generate(tokens[:1, :4], attention_mask=mask, max_new_tokens=4, do_sample=False, pad_token_id=1)
    expect(made.shape[1] > 4, "generate gives nothing")
    note.detail("a GPT-2 of 2 layers")
    note.losses(losses)


def run_geometric(torch_geometric, session, note):
    """A graph network of two layers learns the nodes of a ring."""
    import torch
    from torch_geometric.nn import GCNConv

    torch.manual_seed(0)
    device = torch_device(torch, session)
    places = torch.arange(20, device=device)
    edges = torch.stack([places, (places + 1) % 20])
    inputs, targets = torch.randn(20, 8, device=device), places % 2
    first, second = GCNConv(8, 16).to(device), GCNConv(16, 2).to(device)
    optimizer = torch.optim.Adam([*first.parameters(), *second.parameters()], lr=0.05)
    losses = []
    for _ in range(10):
        loss = torch.nn.functional.cross_entropy(second(first(inputs, edges).relu(), edges), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    note.detail("GCNConv on a ring")
    note.losses(losses)


def run_vllm(vllm, session, note):
    """Its compiled operators, without weights: they need a GPU."""
    import torch

    if not torch.cuda.is_available():
        session.shown = "cpu" if session.device == "auto" else session.device
        raise SkippedWorkload("vLLM imports; its operators need a GPU")
    from vllm import _custom_ops

    values = torch.randn(4, 64, device="cuda", dtype=torch.float16)
    outcome = torch.empty_like(values)
    _custom_ops.rms_norm(outcome, values, torch.ones(64, device="cuda", dtype=torch.float16), 1e-6)
    wanted = values.float() / (values.float().pow(2).mean(-1, keepdim=True) + 1e-6).sqrt()
    expect(torch.allclose(outcome.float(), wanted, atol=1e-2), "rms_norm of vLLM computes something else")
    note.detail("rms_norm")


SMOKES = {
    "numpy": run_numpy, "scipy": run_scipy, "PIL": run_pillow, "sklearn": run_sklearn, "torchvision": run_torchvision,
    "torchaudio": run_torchaudio, "cupy": run_cupy, "cudf": run_cudf, "transformers": run_transformers,
    "torch_geometric": run_geometric, "vllm": run_vllm,
}  # fmt: skip
GPU_ONLY = ("cupy", "cudf")

if __name__ == "__main__":
    main()
