# mypy: ignore-errors
"""TensorFlow: trains small networks on one device, and tries XLA, mixed precision, all-reduce, saving and loading."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from workload_session import Session, SkippedWorkload, loaded_libraries

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
REPLICAS = 2


def main():
    """Import TensorFlow, find the device, run what is wanted."""
    session = Session(sys.argv)
    if session.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    with session.trying("import") as note:
        import tensorflow as tf

        build = tf.sysconfig.get_build_info()
        told = {name: str(build[name]) for name in ("cuda_version", "cudnn_version") if build.get(name)}
        session.framework("tensorflow", tf.__version__, **told)
        note.detail(f"tensorflow {tf.__version__}")
    if note.passed:
        place = find_device(session, tf)
        if place is not None:
            import tensorflow_models as models

            networks = (("mlp", "perceptron"), ("conv", "convolutional"), ("rnn", "recurrent"), ("transformer", "transformer"))
            table = {name: trained(models, getattr(models, function)) for name, function in networks}
            session.run(dict(table, **WORKLOADS), tf, models, place)
    session.end()


def find_device(session, tf):
    """The device's name for `tf.device`; None where the GPU that is meant cannot be used. `auto` takes a GPU that is seen.

    The word `gpu` says that the machine has one, or that the packages for it are installed: then it must be seen.
    """
    is_free = session.device == "auto" and session.word != "gpu"
    if session.device == "cpu" or (is_free and not tf.config.list_physical_devices("GPU")):
        split_cpu(tf)
        session.shown = "cpu"
        return "/CPU:0"
    index = int(session.device.partition(":")[2] or 0)
    session.shown = f"cuda:{index}"
    with session.trying("device") as note:
        gpus = tf.config.list_physical_devices("GPU")
        open_gpu(tf, gpus, index, note)
    if note.passed:
        details = tf.config.experimental.get_device_details(gpus[index])
        session.shown = "cuda:{} ({})".format(index, details.get("device_name", "GPU"))
        session.memory = lambda: int(tf.config.experimental.get_memory_info(f"GPU:{index}")["peak"])
        session.forget = lambda: tf.config.experimental.reset_memory_stats(f"GPU:{index}")
        return f"/GPU:{index}"
    session.shown = "cpu"
    return "/CPU:0" if session.device == "auto" else None


def open_gpu(tf, gpus, index, note):
    """Compute on a GPU; raises where TensorFlow sees none."""
    if not gpus:
        built = "with" if tf.test.is_built_with_cuda() else "without"
        raise RuntimeError(f"tf.config.list_physical_devices('GPU') is []; this TensorFlow was built {built} CUDA")
    if index >= len(gpus):
        raise SkippedWorkload(f"TensorFlow sees {len(gpus)} GPU(s)")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_tensor_float_32_execution(False)
    with tf.device(f"/GPU:{index}"):
        product = tf.reshape(tf.range(9.0), (3, 3)) @ tf.reshape(tf.range(9.0), (3, 3))
    if float(tf.reduce_sum(product)) != 510.0:
        raise AssertionError("a product of 3 x 3 matrices is wrong")
    note.detail("a matrix product")


def split_cpu(tf):
    """Two CPU devices out of one, so that there is something to reduce over."""
    cpus = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * REPLICAS)


def trained(models, make):
    """A workload that holds a network's gradients against a float64 run on the CPU, and trains it."""

    def run(tf, _models, place, note):
        with tf.device("/CPU:0"):
            weights, inputs, targets, apply = make()
            doubles = [tf.cast(weight, tf.float64) for weight in weights]
            exact_inputs = tf.cast(inputs, tf.float64) if inputs.dtype.is_floating else inputs
            _loss, wanted = models.slopes(apply, doubles, exact_inputs, targets)
        with tf.device(place):
            weights, inputs, targets = [tf.identity(one) for one in weights], tf.identity(inputs), tf.identity(targets)
            step = tf.function(lambda weights: models.slopes(apply, weights, inputs, targets))
            _loss, found = step(weights)
            note.gradients(*([one.numpy().ravel().astype("float64").tolist() for one in each] for each in (found, wanted)))
            note.losses(models.train(step, weights))

    return run


def mixed_precision(tf, models, place, note):
    """Forward and backward in bfloat16 on the CPU, float16 on GPUs; the weights stay float32."""
    kind = tf.bfloat16 if "CPU" in place else tf.float16
    with tf.device(place):
        weights, inputs, targets, apply = models.perceptron()
        small = tf.cast(inputs, kind)

        def half(weights, inputs):
            return tf.cast(apply([tf.cast(weight, kind) for weight in weights], inputs), tf.float32)

        step = tf.function(lambda weights: models.slopes(half, weights, small, targets))
        note.losses(models.train(step, weights))
    note.detail(kind.name)


def xla(tf, models, place, note):
    """The same training step, compiled by XLA."""
    with tf.device(place):
        weights, inputs, targets, apply = models.convolutional()
        step = tf.function(lambda weights: models.slopes(apply, weights, inputs, targets), jit_compile=True)
        plain, _slopes = models.slopes(apply, weights, inputs, targets)
        if abs(float(step(weights)[0]) - float(plain)) > 1e-3 * abs(float(plain)):
            raise AssertionError("compiled by XLA, the loss is another")
        note.losses(models.train(step, weights))


def gpu_libraries(tf, models, place, note):
    """A convolution and a product on the GPU, as the CPU computes them, with cuDNN and cuBLAS in the process."""
    if "CPU" in place:
        raise SkippedWorkload("cuDNN and cuBLAS serve NVIDIA GPUs; this is the CPU")
    image, kernel = models.normal((4, 32, 32, 3), 1), models.normal((3, 3, 3, 8), 2)
    with tf.device("/CPU:0"):
        wanted = tf.nn.conv2d(tf.cast(image, tf.float64), tf.cast(kernel, tf.float64), 1, "SAME")
    with tf.device(place):
        found = tf.nn.conv2d(image, kernel, 1, "SAME")
    error = float(tf.reduce_max(abs(tf.cast(found, tf.float64) - wanted)) / tf.reduce_max(abs(wanted)))
    if not error < 1e-3:
        raise AssertionError(f"a convolution on the GPU is off by {error:.3g}")
    used = loaded_libraries("libcudnn.so", "libcublas.so", "libMIOpen", "librocblas")
    if not used and sys.platform == "linux":
        raise AssertionError("neither cuDNN nor cuBLAS is in the process after a convolution on the GPU")
    note.detail(" ".join(used))


def all_reduce(tf, models, place, note):
    """A sum over all GPUs (by NCCL), or over two devices of the CPU."""
    devices = [f"CPU:{index}" for index in range(REPLICAS)]
    if "CPU" not in place:
        devices = [f"GPU:{index}" for index in range(len(tf.config.list_logical_devices("GPU")))]
    strategy = tf.distribute.MirroredStrategy(devices)

    def each():
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.ones(1000))

    found = strategy.experimental_local_results(strategy.run(tf.function(each)))
    if any(float(one[0]) != len(devices) for one in found):
        raise AssertionError(f"the sum over {len(devices)} devices is {float(found[0][0])}")
    note.detail(f"over {len(devices)} {devices[0][:3]} device(s)")


def save_and_load(tf, models, place, note):
    """A function that was saved and loaded computes the same."""
    weights, inputs, _targets, apply = models.perceptron()
    module = tf.Module()
    module.kept = [tf.Variable(weight) for weight in weights]
    signature = [tf.TensorSpec(inputs.shape, inputs.dtype)]
    module.compute = tf.function(lambda given: apply(list(module.kept), given), input_signature=signature)
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder)
        loaded = tf.saved_model.load(folder)
        if not bool(tf.reduce_all(abs(loaded.compute(inputs) - module.compute(inputs)) < 1e-5)):
            raise AssertionError("what was loaded computes something else than what was saved")
    note.detail("SavedModel")


WORKLOADS = {
    "mixed-precision": mixed_precision,
    "gpu-libraries": gpu_libraries,
    "xla": xla,
    "all-reduce": all_reduce,
    "save-load": save_and_load,
}

if __name__ == "__main__":
    main()
