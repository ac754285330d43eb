# mypy: ignore-errors
"""MXNet: trains small networks on one device; holds their gradients against a float64 run on the CPU."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from workload_session import Session, SkippedWorkload, loaded_libraries

STEPS = 8


def main():
    """Import MXNet, find the device, run what is wanted."""
    session = Session(sys.argv)
    with session.trying("import") as note:
        import mxnet

        session.framework("mxnet", mxnet.__version__)
        note.detail(f"mxnet {mxnet.__version__}")
    if note.passed:
        context = find_device(session, mxnet)
        if context is not None:
            session.run(WORKLOADS, mxnet, context)
    session.end()


def find_device(session, mxnet):
    """The context; None where the GPU that is meant cannot be used."""
    if session.device == "cpu" or (session.device == "auto" and session.word != "gpu"):
        session.shown = "cpu"
        return mxnet.cpu()
    index = int(session.device.partition(":")[2] or 0)
    session.shown = f"cuda:{index}"
    with session.trying("device") as note:
        context = mxnet.gpu(index)
        if float((mxnet.nd.ones((3, 3), ctx=context) * 2).sum().asscalar()) != 18.0:
            raise AssertionError("a sum of 3 x 3 numbers is wrong")
        note.detail(" ".join(loaded_libraries("libcuda.so", "libcublas.so", "libcudnn.so")))
    if note.passed:
        return context
    session.shown = "cpu"
    return mxnet.cpu() if session.device == "auto" else None


def perceptron(mxnet):
    """A multilayer perceptron, its data, and the number of classes."""
    nn = mxnet.gluon.nn
    model = nn.HybridSequential()
    model.add(nn.Dense(128, activation="relu"), nn.Dense(10))
    return model, (128, 64), 10


def convolutional(mxnet):
    """Convolutions and pooling on images shaped like CIFAR-10."""
    nn = mxnet.gluon.nn
    model = nn.HybridSequential()
    model.add(nn.Conv2D(16, 3, padding=1, activation="relu"), nn.MaxPool2D(), nn.Conv2D(32, 3, padding=1, activation="relu"))
    model.add(nn.GlobalAvgPool2D(), nn.Dense(10))
    return model, (32, 3, 32, 32), 10


def recurrent(mxnet):
    """An LSTM on sequences; the last step is classified."""

    class Recurrent(mxnet.gluon.Block):
        def __init__(self):
            super().__init__()
            self.cell = mxnet.gluon.rnn.LSTM(32, layout="NTC", input_size=8)
            self.head = mxnet.gluon.nn.Dense(4)

        def forward(self, inputs):
            return self.head(self.cell(inputs)[:, -1])

    return Recurrent(), (32, 20, 8), 4


def transformer(mxnet):
    """One block of attention and a perceptron over sequences."""
    nn, nd = mxnet.gluon.nn, mxnet.nd

    class Transformer(mxnet.gluon.Block):
        def __init__(self):
            super().__init__()
            self.normal, self.after = nn.LayerNorm(in_channels=32), nn.LayerNorm(in_channels=32)
            self.mix = nn.Dense(96, flatten=False, in_units=32)
            self.inner = nn.Dense(64, flatten=False, activation="relu", in_units=32)
            self.outer, self.head = nn.Dense(32, flatten=False, in_units=64), nn.Dense(4, in_units=32)

        def forward(self, inputs):
            queries, keys, values = nd.split(self.mix(self.normal(inputs)), 3, axis=2)
            scores = nd.softmax(nd.batch_dot(queries, keys, transpose_b=True) / 32**0.5)
            hidden = inputs + nd.batch_dot(scores, values)
            hidden = hidden + self.outer(self.inner(self.after(hidden)))
            return self.head(hidden.mean(axis=1))

    return Transformer(), (16, 16, 32), 4


def made(mxnet, make, context, kind="float32"):
    """A network and its data, the same each time."""
    import numpy

    numpy.random.seed(0)
    mxnet.random.seed(0)
    model, shape, classes = make(mxnet)
    model.initialize(mxnet.init.Xavier(), ctx=context)
    inputs = mxnet.nd.array(numpy.random.randn(*shape), ctx=context, dtype=kind)
    targets = mxnet.nd.array(numpy.random.randint(0, classes, shape[0]), ctx=context)
    if kind != "float32":
        model.cast(kind)
    model(inputs)
    return model, inputs, targets


def loss_of(mxnet, model, inputs, targets):
    """Cross entropy."""
    return mxnet.gluon.loss.SoftmaxCrossEntropyLoss()(model(inputs), targets).mean()


def slopes(mxnet, model, inputs, targets):
    """The gradient of each parameter, as lists of numbers."""
    with mxnet.autograd.record():
        loss = loss_of(mxnet, model, inputs, targets)
    loss.backward()
    return [one.grad().asnumpy().astype("float64").ravel().tolist() for one in model.collect_params().values()]


def train(mxnet, model, inputs, targets):
    """Adam on one batch; the losses."""
    trainer = mxnet.gluon.Trainer(model.collect_params(), "adam", {"learning_rate": 0.01})
    losses = []
    for _ in range(STEPS):
        with mxnet.autograd.record():
            loss = loss_of(mxnet, model, inputs, targets)
        loss.backward()
        trainer.step(1)
        losses.append(float(loss.asscalar()))
    return losses


def trained(make):
    """A workload that holds a network's gradients against a float64 run on the CPU, and trains it."""

    def run(mxnet, context, note):
        model, inputs, targets = made(mxnet, make, context)
        exact, doubles, _targets = made(mxnet, make, mxnet.cpu(), "float64")
        for one, other in zip(model.collect_params().values(), exact.collect_params().values()):  # noqa: B905
            other.set_data(one.data().as_in_context(mxnet.cpu()).astype("float64"))
        wanted = slopes(mxnet, exact, doubles, targets.as_in_context(mxnet.cpu()))
        note.gradients(slopes(mxnet, model, inputs, targets), wanted)
        note.losses(train(mxnet, model, inputs, targets))

    return run


def mixed_precision(mxnet, context, note):
    """Forward in float16, on GPUs."""
    if context.device_type == "cpu":
        raise SkippedWorkload("MXNet computes in float16 on GPUs only")
    model, inputs, targets = made(mxnet, perceptron, context)
    model.cast("float16")
    note.losses(train(mxnet, model, inputs.astype("float16"), targets))


def compiled(mxnet, context, note):
    """A hybridized network computes the same."""
    model, inputs, targets = made(mxnet, convolutional, context)
    before = model(inputs).asnumpy()
    model.hybridize(static_alloc=True)
    if not abs(model(inputs).asnumpy() - before).max() < 1e-3:
        raise AssertionError("hybridized, the network computes something else")
    note.losses(train(mxnet, model, inputs, targets))
    note.detail("hybridize")


def data_loader(mxnet, context, note):
    """Two worker processes hand batches over through shared memory."""
    import numpy

    images = mxnet.gluon.data.ArrayDataset(numpy.ones((32, 3, 224, 224), "float32"))
    loader = mxnet.gluon.data.DataLoader(images, batch_size=16, num_workers=2, timeout=60)
    if sum(float(batch.sum().asscalar()) for batch in loader) != 32 * 3 * 224 * 224:
        raise AssertionError("batches of the DataLoader's workers are not what was put in")
    note.detail("from 2 workers")


def all_reduce(mxnet, context, note):
    """A key-value store sums what several devices push."""
    is_cpu = context.device_type == "cpu"
    contexts = [mxnet.cpu(0), mxnet.cpu(1)] if is_cpu else [mxnet.gpu(index) for index in range(mxnet.context.num_gpus())]
    store = mxnet.kv.create("local" if is_cpu else "device")
    values = [mxnet.nd.ones((1000,), ctx=one) for one in contexts]
    store.init("sum", mxnet.nd.zeros((1000,), ctx=contexts[0]))
    store.push("sum", values)
    store.pull("sum", out=values)
    if float(values[-1][0].asscalar()) != len(contexts):
        raise AssertionError(f"the sum over {len(contexts)} devices is {float(values[-1][0].asscalar())}")
    note.detail(f"over {len(contexts)} device(s)")


def save_and_load(mxnet, context, note):
    """Parameters that were saved and loaded compute the same."""
    model, inputs, _targets = made(mxnet, perceptron, context)
    other, _inputs, _targets = made(mxnet, perceptron, context)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.params")
        model.save_parameters(path)
        other.load_parameters(path, ctx=context)
    if not abs(model(inputs) - other(inputs)).max().asscalar() < 1e-6:
        raise AssertionError("the loaded network computes something else than the saved one")
    note.detail("params")


WORKLOADS = {
    "mlp": trained(perceptron),
    "conv": trained(convolutional),
    "rnn": trained(recurrent),
    "transformer": trained(transformer),
    "mixed-precision": mixed_precision,
    "compile": compiled,
    "data-loader": data_loader,
    "all-reduce": all_reduce,
    "save-load": save_and_load,
}

if __name__ == "__main__":
    main()
