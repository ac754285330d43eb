# mypy: ignore-errors
"""ONNX Runtime: a small network, written by hand as protobuf, must compute what NumPy computes, on the device's provider."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from workload_session import Session

FLOAT = 1
ACCELERATORS = (
    "CUDAExecutionProvider",
    "ROCMExecutionProvider",
    "MIGraphXExecutionProvider",
    "CoreMLExecutionProvider",
    "DmlExecutionProvider",
)


def number(field, value):
    """A protobuf field that holds a small number."""
    return bytes([field << 3, value])


def nested(field, content):
    """A protobuf field that holds text or a message."""
    length, rest = bytearray(), len(content)
    while rest > 0x7F:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([field << 3 | 2]) + bytes(length) + bytes([rest]) + content


def tensor(name, rows, columns):
    """A ValueInfoProto."""
    shape = b"".join(nested(1, number(1, size)) for size in (rows, columns))
    return nested(1, name) + nested(2, nested(1, number(1, FLOAT) + nested(2, shape)))


def operation(kind, inputs, output):
    """A NodeProto."""
    return nested(1, b"".join(nested(1, one) for one in inputs) + nested(2, output) + nested(4, kind))


def model():
    """A ModelProto of opset 13: y = relu(a @ b) @ c."""
    nodes = operation(b"MatMul", [b"a", b"b"], b"m") + operation(b"Relu", [b"m"], b"r") + operation(b"MatMul", [b"r", b"c"], b"y")
    given = nested(11, tensor(b"a", 8, 16)) + nested(11, tensor(b"b", 16, 32)) + nested(11, tensor(b"c", 32, 4))
    graph = nodes + nested(2, b"g") + given + nested(12, tensor(b"y", 8, 4))
    return number(1, 8) + nested(7, graph) + nested(8, number(2, 13))


def main():
    """Import it, run the network."""
    session = Session(sys.argv)
    with session.trying("import") as note:
        import onnxruntime

        session.framework("onnxruntime", onnxruntime.__version__, providers=onnxruntime.get_available_providers())
        note.detail(f"onnxruntime {onnxruntime.__version__}")
    if note.passed:
        session.run({"smoke": infer}, onnxruntime, session)
    session.end()


def infer(onnxruntime, session, note):
    """Run the network; the provider that was meant must be the one that was used."""
    import numpy

    local = [name for name in ACCELERATORS if name in onnxruntime.get_available_providers() and session.device != "cpu"]
    index = int(session.device.partition(":")[2] or 0)
    chosen = [(name, {"device_id": index}) if name == "CUDAExecutionProvider" else name for name in local]
    ran = onnxruntime.InferenceSession(model(), providers=[*chosen, "CPUExecutionProvider"])
    used = ran.get_providers()[0]
    if session.device == "auto":
        session.shown = "cpu" if used == "CPUExecutionProvider" else used
    if used == "CPUExecutionProvider" and (local or session.device.startswith("cuda")):
        raise RuntimeError("onnxruntime fell back to the CPU; it offers {}".format(", ".join(local) or "no provider for GPUs"))
    generator = numpy.random.RandomState(0)
    one, two, three = (generator.rand(*shape).astype("float32") for shape in ((8, 16), (16, 32), (32, 4)))
    (found,) = ran.run(None, {"a": one, "b": two, "c": three})
    if not numpy.allclose(found, numpy.maximum(one @ two, 0) @ three, rtol=1e-2 if local else 1e-4):
        raise AssertionError("onnxruntime computes something else than numpy")
    note.detail(used)


if __name__ == "__main__":
    main()
