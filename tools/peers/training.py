"""Times other people's software on the training step of packages/kernels/bench/trainingStep.ts: one core, float32, warm; prints one JSON list.

Six affine couplings of 64 x 64 tanh in 4 dimensions, 512 samples, the double well's drift at 256 nodes, a quadratic likelihood of two halves, forward,
backward and Adam. The least time of many steps counts; the first call, with compilation, is given apart. JAX takes many steps in one scan, with samples
first and with samples last; the faster counts.
"""
import json
import math
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import numpy as np

LAYERS, HIDDEN, NODES, SAMPLES = 6, 64, 256, 512
random = np.random.default_rng(1)


def normal(*shape, deviation=1.0):
    return (deviation * random.standard_normal(shape)).astype(np.float32)


WEIGHTS = [
    array
    for _ in range(LAYERS)
    for array in (
        normal(HIDDEN, 2, deviation=0.5),
        normal(HIDDEN, 1, deviation=0.1),
        normal(HIDDEN, HIDDEN, deviation=1 / math.sqrt(HIDDEN)),
        normal(HIDDEN, 1, deviation=0.1),
        normal(4, HIDDEN, deviation=0.3 / math.sqrt(HIDDEN)),
        normal(4, 1, deviation=0.1),
    )
]
Z = normal(4, SAMPLES)
X = np.linspace(-2, 2, NODES, dtype=np.float32)
GRAM = np.maximum(0, 4 - np.abs(np.subtract.outer(np.arange(NODES), np.arange(NODES)))).astype(np.float32)
LINEAR = normal(NODES)


def loss_of(xp, weights, z, x, gram, linear, samples_last):
    """The loss; samples along the last axis or along the first."""
    y = (z[:2], z[2:]) if samples_last else (z[:, :2], z[:, 2:])

    def dense(w, b, v):
        return w @ v + b if samples_last else v @ w.T + b[:, 0]

    for k in range(LAYERS):
        w1, b1, w2, b2, w3, b3 = weights[6 * k : 6 * k + 6]
        given, moved = y if k % 2 == 0 else y[::-1]
        out = dense(w3, b3, xp.tanh(dense(w2, b2, xp.tanh(dense(w1, b1, given)))))
        scale, shift = (out[:2], out[2:]) if samples_last else (out[:, :2], out[:, 2:])
        new = moved * xp.exp(xp.tanh(scale)) + shift
        y = (given, new) if k % 2 == 0 else (new, given)
    a, b, c, d = (y[0][0], y[0][1], y[1][0], y[1][1]) if samples_last else (y[0][:, 0], y[0][:, 1], y[1][:, 0], y[1][:, 1])
    bottom = 1 + a * a + b * b + c * c + (d * d) * (d * d)
    top = 2 * x - x * x * x
    half = SAMPLES // 2
    drift = top[:, None] / bottom[None, :] if samples_last else top[None, :] / bottom[:, None]
    parts = (drift[:, :half], drift[:, half:]) if samples_last else (drift[:half], drift[half:])
    first, second = (part.mean(1 if samples_last else 0) for part in parts)
    return 0.5 * (first @ (gram @ second) - linear @ (first + second))


def least(run, steps, budget=8.0):
    """Milliseconds a step, and seconds of the first call."""
    start = time.perf_counter()
    run()
    first = time.perf_counter() - start
    best, spent = math.inf, 0.0
    while spent < budget:
        start = time.perf_counter()
        run()
        took = time.perf_counter() - start
        best, spent = min(best, took), spent + took
    return best / steps * 1e3, first


def jax_cases():
    import jax
    import jax.numpy as jnp

    for samples_last in (True, False):
        z = jnp.asarray(Z if samples_last else Z.T.copy())
        x, gram, linear = jnp.asarray(X), jnp.asarray(GRAM), jnp.asarray(LINEAR)
        value_and_grad = jax.value_and_grad(lambda weights: loss_of(jnp, weights, z, x, gram, linear, samples_last))

        def step(carry, _):
            weights, m, v = carry
            loss, g = value_and_grad(weights)
            m = [0.9 * a + 0.1 * b for a, b in zip(m, g)]
            v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g)]
            weights = [w - 1e-3 * a / (jnp.sqrt(b) + 1e-8) for w, a, b in zip(weights, m, v)]
            return (weights, m, v), loss

        steps = 10
        run = jax.jit(lambda carry: jax.lax.scan(step, carry, None, length=steps))
        weights = [jnp.asarray(w) for w in WEIGHTS]
        carry = (weights, [jnp.zeros_like(w) for w in weights], [jnp.zeros_like(w) for w in weights])
        yield f"scan, samples {'last' if samples_last else 'first'}", steps, lambda: jax.block_until_ready(run(carry))


def torch_cases():
    import torch

    torch.set_num_threads(1)
    for compiled in (False, True):
        for samples_last in (True, False):
            z = torch.tensor(Z if samples_last else Z.T.copy())
            x, gram, linear = torch.tensor(X), torch.tensor(GRAM), torch.tensor(LINEAR)
            weights = [torch.tensor(w, requires_grad=True) for w in WEIGHTS]
            optimiser = torch.optim.Adam(weights, lr=1e-3, foreach=True)
            loss_function = lambda *weights: loss_of(torch, weights, z, x, gram, linear, samples_last)
            if compiled:
                loss_function = torch.compile(loss_function)

            def step():
                optimiser.zero_grad()
                loss = loss_function(*weights)
                loss.backward()
                optimiser.step()
                return loss

            yield f"{'compiled' if compiled else 'eager'}, samples {'last' if samples_last else 'first'}", 1, step


def main():
    found = []
    for peer, cases in {"jax": jax_cases, "torch": torch_cases}.items():
        try:
            for setting, steps, run in cases():
                milliseconds, first = least(run, steps)
                print(f"{peer}, {setting}: {milliseconds:.2f} ms, first call {first:.1f} s", file=sys.stderr)
                found.append({"peer": f"{peer} {setting}", "milliseconds": milliseconds, "firstCallSeconds": first})
        except Exception as error:  # A peer that fails on a setting keeps what it reached before.
            print(f"{peer} failed: {error}", file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
