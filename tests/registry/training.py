"""Small training steps, one program for each framework, for the interpreter of an environment that was installed for real."""

from __future__ import annotations

TORCH = """
import torch
torch.manual_seed(1)
x = torch.randn(128, 8)
y = x.sum(dim=1, keepdim=True).sin()
model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), 0.01)
losses = []
for _ in range(200):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert losses[-1] < 0.5 * losses[0], losses
print("trained")
"""
TENSORFLOW = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
tf.random.set_seed(1)
x = tf.random.normal((128, 8))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((8, 1)))
losses = []
for _ in range(50):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((x @ weights - y) ** 2)
    weights.assign_sub(0.1 * tape.gradient(loss, weights))
    losses.append(float(loss))
assert losses[-1] < 0.5 * losses[0], losses
print("trained")
"""
JAX = """
import jax, jax.numpy as jnp
key = jax.random.PRNGKey(1)
x = jax.random.normal(key, (128, 8))
y = jnp.sin(x.sum(axis=1))
params = [jax.random.normal(key, (8, 16)) * 0.3, jax.random.normal(key, (16,)) * 0.3]
loss = lambda p: jnp.mean((jnp.tanh(x @ p[0]) @ p[1] - y) ** 2)
step = jax.jit(lambda p: [w - 0.1 * g for w, g in zip(p, jax.grad(loss)(p))])
first = float(loss(params))
for _ in range(200):
    params = step(params)
assert float(loss(params)) < 0.5 * first, (first, float(loss(params)))
print("trained")
"""
KERAS = """
import os
os.environ["KERAS_BACKEND"] = {backend!r}
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy
assert keras.backend.backend() == {backend!r}
keras.utils.set_random_seed(1)
x = numpy.random.default_rng(1).normal(size=(256, 8)).astype("float32")
y = x.sum(axis=1, keepdims=True)
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
losses = model.fit(x, y, epochs=15, verbose=0).history["loss"]
assert losses[-1] < 0.5 * losses[0], losses
print("trained")
"""
SCIKIT_LEARN = """
import numpy, pandas
from sklearn.ensemble import RandomForestRegressor
frame = pandas.DataFrame(numpy.random.default_rng(1).normal(size=(300, 4)), columns=list("abcd"))
frame["y"] = frame.sum(axis=1)
model = RandomForestRegressor(30, random_state=1).fit(frame[list("abcd")], frame["y"])
assert model.score(frame[list("abcd")], frame["y"]) > 0.8
print("trained")
"""
MXNET = """
import mxnet as mx
from mxnet import autograd, gluon, nd
mx.random.seed(1)
x = nd.random.normal(shape=(64, 8))
y = x.sum(axis=1, keepdims=True)
net = gluon.nn.Dense(1)
net.initialize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
error = gluon.loss.L2Loss()
losses = []
for _ in range(50):
    with autograd.record():
        loss = error(net(x), y)
    loss.backward()
    trainer.step(64)
    losses.append(float(loss.mean().asscalar()))
assert losses[-1] < 0.5 * losses[0], losses
print("trained")
"""
TRANSFORMERS = """
import torch, transformers
torch.manual_seed(1)
configuration = transformers.BertConfig(
    vocab_size=50, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64, num_labels=2
)
model = transformers.BertForSequenceClassification(configuration)
ids, labels = torch.randint(0, 50, (32, 8)), torch.randint(0, 2, (32,))
optimizer = torch.optim.Adam(model.parameters(), 0.01)
losses = []
for _ in range(30):
    loss = model(input_ids=ids, labels=labels).loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert losses[-1] < 0.7 * losses[0], losses
print("trained")
"""
PYG = """
import torch
from torch_geometric.data import Data
from torch_geometric.nn import GCNConv
torch.manual_seed(1)
edges = torch.randint(0, 40, (2, 200))
data = Data(x=torch.randn(40, 8), edge_index=edges, y=torch.randint(0, 3, (40,)))
model = GCNConv(8, 3)
optimizer = torch.optim.Adam(model.parameters(), 0.05)
losses = []
for _ in range(100):
    loss = torch.nn.functional.cross_entropy(model(data.x, data.edge_index), data.y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert losses[-1] < losses[0], losses
print("trained")
"""
STEPS = {
    "pytorch-cpu": TORCH,
    "tensorflow-cpu": TENSORFLOW,
    "jax-cpu": JAX,
    "keras-torch": KERAS.format(backend="torch"),
    "keras-jax": KERAS.format(backend="jax"),
    "keras-tensorflow": KERAS.format(backend="tensorflow"),
    "onnxruntime-cpu": "",
    "datascience": SCIKIT_LEARN,
    "mxnet-legacy": MXNET,
    "transformers": TRANSFORMERS,
    "pyg": PYG,
}
"""What is run for each profile; empty where the proof of the install itself is all (a runtime that trains nothing)."""
