# mypy: ignore-errors
"""ONNX Runtime: a model with one matrix product, written by hand as protobuf; its result must be NumPy's."""

import json
import sys

import numpy
import onnxruntime

FLOAT = 1
ACCELERATORS = ("CUDAExecutionProvider", "ROCMExecutionProvider", "CoreMLExecutionProvider", "DmlExecutionProvider")


def number(field, value):
    """A protobuf field that holds a small number."""
    return bytes([field << 3, value])


def nested(field, content):
    """A protobuf field that holds text or a message of fewer than 128 bytes."""
    return bytes([field << 3 | 2, len(content)]) + content


def tensor(name, rows, columns):
    """A ValueInfoProto."""
    shape = b"".join(nested(1, number(1, size)) for size in (rows, columns))
    return nested(1, name) + nested(2, nested(1, number(1, FLOAT) + nested(2, shape)))


def model():
    """A ModelProto: y = a @ b, opset 13."""
    node = nested(1, b"a") + nested(1, b"b") + nested(2, b"y") + nested(4, b"MatMul")
    tensors = nested(11, tensor(b"a", 4, 3)) + nested(11, tensor(b"b", 3, 2)) + nested(12, tensor(b"y", 4, 2))
    graph = nested(1, node) + nested(2, b"g") + tensors
    content = bytes([7 << 3 | 2, len(graph) & 0x7F | 0x80, len(graph) >> 7]) + graph if len(graph) > 127 else nested(7, graph)
    return number(1, 8) + content + nested(8, number(2, 13))


def main(wanted):
    """Run the model, and print what it ran on."""
    available = onnxruntime.get_available_providers()
    local = [name for name in ACCELERATORS if name in available and wanted != "cpu"]
    providers = [*local, "CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(model(), providers=providers)
    used = session.get_providers()[0]
    if wanted == "gpu" and used == "CPUExecutionProvider":
        raise SystemExit("onnxruntime runs on the CPU; its providers are {}".format(", ".join(available)))
    generator = numpy.random.RandomState(0)
    first, second = generator.rand(4, 3).astype("float32"), generator.rand(3, 2).astype("float32")
    (result,) = session.run(None, {"a": first, "b": second})
    if not numpy.allclose(result, first @ second, atol=1e-5):
        raise SystemExit("onnxruntime computes another product than numpy")
    detail = f"onnxruntime {onnxruntime.__version__}, a matrix product as numpy computes it"
    print(json.dumps({"device": used, "detail": detail, "version": onnxruntime.__version__}))


main(sys.argv[1])
