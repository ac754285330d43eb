# mypy: ignore-errors
"""PyTorch: the four small networks, and training them with gradients held against a float64 run on the CPU."""

import copy

import torch
from torch import nn

STEPS = 8
LAYERS = 2
WIDTH = 32


class Recurrent(nn.Module):
    """An LSTM over sequences; the last step is classified."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTM(8, WIDTH, batch_first=True)
        self.head = nn.Linear(WIDTH, 4)

    def forward(self, inputs):
        """Classify sequences."""
        return self.head(self.cell(inputs)[0][:, -1])


class Transformer(nn.Module):
    """A small encoder over tokens, with causal attention."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(64, WIDTH)
        layers = [nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, dropout=0.0) for _ in range(LAYERS)]
        self.layers = nn.ModuleList(layers)
        self.head = nn.Linear(WIDTH, 64)

    def forward(self, tokens):
        """The next token of each place, for batches of sequences."""
        size = tokens.shape[1]
        hidden = self.embed(tokens).transpose(0, 1)
        mask = torch.triu(torch.full((size, size), float("-inf"), device=hidden.device, dtype=hidden.dtype), 1)
        for layer in self.layers:
            hidden = layer(hidden, src_mask=mask)
        return self.head(hidden).transpose(0, 1).reshape(-1, 64)


def perceptron():
    """A multilayer perceptron and its data."""
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.Tanh(), nn.Linear(64, 10))
    return model, torch.randn(128, 64), torch.randint(0, 10, (128,))


def convolutional():
    """Convolutions, batch norm and pooling on images shaped like CIFAR-10."""
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip
    return model, torch.randn(32, 3, 32, 32), torch.randint(0, 10, (32,))


def recurrent():
    """An LSTM on sequences."""
    return Recurrent(), torch.randn(32, 20, 8), torch.randint(0, 4, (32,))


def transformer():
    """A Transformer that predicts the next token."""
    tokens = torch.randint(0, 64, (8, 17))
    return Transformer(), tokens[:, :-1], tokens[:, 1:].reshape(-1)


def made(make, device):
    """A network with its data on a device, the same each time."""
    torch.manual_seed(0)
    model, inputs, targets = make()
    return model.to(device), inputs.to(device), targets.to(device)


def loss_of(model, inputs, targets):
    """Cross entropy."""
    return nn.functional.cross_entropy(model(inputs), targets)


def gradients(model, inputs, targets):
    """The gradient of each parameter, as lists of numbers."""
    model.zero_grad()
    loss_of(model, inputs, targets).backward()
    return [one.grad.detach().cpu().double().reshape(-1).tolist() for one in model.parameters()]


def train(model, inputs, targets, steps=STEPS):
    """Adam on one batch; the losses."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of(model, inputs, targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def train_and_compare(make, device, note):
    """Hold the gradients against a float64 run on the CPU, then train."""
    model, inputs, targets = made(make, device)
    exact = copy.deepcopy(model).cpu().double()
    doubles = inputs.cpu().double() if inputs.is_floating_point() else inputs.cpu()
    note.gradients(gradients(model, inputs, targets), gradients(exact, doubles, targets.cpu()))
    note.losses(train(model, inputs, targets))
