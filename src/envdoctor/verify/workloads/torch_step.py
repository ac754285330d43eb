# mypy: ignore-errors
"""PyTorch: a few training steps of a small network; the loss must fall. Says which CUDA it was built with."""

import json
import sys

import torch


def main(wanted):
    """Train, and print what it ran on."""
    backends = getattr(torch, "backends", None)
    mps = getattr(backends, "mps", None)
    name = "cpu"
    if wanted != "cpu" and torch.cuda.is_available():
        name = "cuda"
    elif wanted != "cpu" and mps is not None and mps.is_available():
        name = "mps"
    if wanted == "gpu" and name == "cpu":
        raise SystemExit("torch does not see a GPU (torch.cuda.is_available() is False)")
    device = torch.device(name)
    torch.manual_seed(0)
    inputs = torch.randn(64, 16, device=device)
    targets = inputs @ torch.randn(16, 1, device=device)
    model = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1)).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if not losses[-1] < losses[0]:
        raise SystemExit(f"training did not lower the loss: {losses[0]} to {losses[-1]}")
    shown = torch.cuda.get_device_name(0) if name == "cuda" else name
    hip = getattr(torch.version, "hip", None)
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else f"ROCm {hip}" if hip else "CPU"
    detail = f"torch {torch.__version__}, {build} build, loss {losses[0]:.3f} to {losses[-1]:.3f}"
    print(json.dumps({"device": shown, "detail": detail, "version": torch.__version__, "cuda": torch.version.cuda}))


main(sys.argv[1])
