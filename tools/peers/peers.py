"""Times other people's software on the systems of packages/kernels/bench/shapes.ts, one core, float64, warm; prints one JSON object.

Each program is tried with several batch sizes and settings; the fastest counts. Compile times are measured apart. The arithmetic is that of the
Euler-Maruyama scheme; random numbers are each program's own.
"""
import itertools
import json
import math
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"

import numpy as np

H, EPSILON, S = 0.001, 0.1, 0.5
UNIT = H / EPSILON
SLOW_SD, FAST_SD = S * math.sqrt(H), math.sqrt(UNIT)
SHAPES = [("1+1", 1, 1), ("1+4 double well", 1, 4), ("1+40 mean field", 1, 40), ("2+60 ring", 2, 60), ("8+256 Lorenz 96", 8, 256)]
BATCHES = [16, 256, 4096]
# A setting is given up where one try takes longer than this many seconds.
BUDGET = 1.0


def drift(xp, shape, x, y, axis):
    """Slow and fast drift; the components of x and y run along an axis, -1 (paths first) or 0 (components first)."""

    def roll(v, by):
        return xp.roll(v, by, axis)

    if shape == 0:
        return (x - x * (x * x)) + 0.5 * y, -y + 0.5 * x
    if shape == 1:
        return (x - x * (x * x)) + 0.5 * y.mean(axis, keepdims=True), -y + 0.5 * x
    if shape == 2:
        mean = y.mean(axis, keepdims=True)
        return (x - x * (x * x)) + 0.5 * mean, 0.5 * (x + mean) - y
    groups = x.shape[axis]
    wide = y.reshape(*y.shape[:-1], groups, -1) if axis == -1 else y.reshape(groups, -1, *y.shape[1:])
    mean = wide.mean(axis if axis == -1 else 1)
    own = xp.broadcast_to(x[..., None] if axis == -1 else x[:, None], wide.shape).reshape(y.shape)
    if shape == 3:
        return (x - x * (x * x)) + mean, (own - y) + 0.25 * (roll(y, -1) - roll(y, 1))
    slow = ((-(roll(x, 1) * (roll(x, 2) - roll(x, -1))) - x) + 10.0) + -0.8 * mean
    fast = (-(roll(y, -1) * (roll(y, -2) - roll(y, 1))) - y) + own
    return slow, fast


def timed(run, batch, steps):
    """Nanoseconds per step and path: the least of some runs; the first is the compilation's and is given apart."""
    start = time.perf_counter()
    run()
    first = time.perf_counter() - start
    best = math.inf
    spent = 0.0
    for _ in range(8):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
        spent += time.perf_counter() - start
        if spent > BUDGET:
            break
    return best / (batch * steps) * 1e9, first


def numba_cases(shape, slow, fast):
    import numba

    # Numba knows NumPy's old generator by name and its new ones as objects.
    normals = {
        "old generator": numba.njit(lambda rng: np.random.standard_normal()),
        "PCG64": numba.njit(lambda rng: rng.standard_normal()),
    }

    def loop(normal):
        @numba.njit(fastmath=True)
        def run(rng, batch, steps, x, y, b, beta):
            total = 0.0
            for _ in range(batch):
                x[:] = 0.5
                y[:] = 0.25
                for _ in range(steps):
                    if shape == 0:
                        b[0] = x[0] - x[0] * x[0] * x[0] + 0.5 * y[0]
                        beta[0] = -y[0] + 0.5 * x[0]
                    elif shape <= 2:
                        mean = 0.0
                        for i in range(fast):
                            mean += y[i]
                        mean /= fast
                        b[0] = x[0] - x[0] * x[0] * x[0] + 0.5 * mean
                        if shape == 1:
                            for i in range(fast):
                                beta[i] = -y[i] + 0.5 * x[0]
                        else:
                            for i in range(fast):
                                beta[i] = 0.5 * (x[0] + mean) - y[i]
                    else:
                        size = fast // slow
                        for k in range(slow):
                            mean = 0.0
                            for i in range(k * size, (k + 1) * size):
                                mean += y[i]
                            mean /= size
                            if shape == 3:
                                b[k] = x[k] - x[k] * x[k] * x[k] + mean
                            else:
                                b[k] = -(x[k - 1] * (x[k - 2] - x[(k + 1) % slow])) - x[k] + 10.0 - 0.8 * mean
                            for i in range(k * size, (k + 1) * size):
                                right = i + 1 if i + 1 < fast else 0
                                if shape == 3:
                                    beta[i] = x[k] - y[i] + 0.25 * (y[right] - y[i - 1])
                                else:
                                    beta[i] = -(y[right] * (y[i + 2 if i + 2 < fast else i + 2 - fast] - y[i - 1])) - y[i] + x[k]
                    for k in range(slow):
                        x[k] += b[k] * H + SLOW_SD * normal(rng)
                    for i in range(fast):
                        y[i] += beta[i] * UNIT + FAST_SD * normal(rng)
                total += x[0]
            return total

        return run

    arrays = [np.empty(n) for n in (slow, fast, slow, fast)]
    steps = max(10, 400_000 // (slow + fast) // 16)
    rng = np.random.default_rng(0)
    for name, normal in normals.items():
        run = loop(normal)
        yield f"loop, {name}", 16, steps, lambda: run(rng, 16, steps, *arrays)


def jax_cases(shape, slow, fast):
    import jax
    import jax.numpy as jnp

    for implementation, ahead, axis, batch in itertools.product(("threefry2x32", "unsafe_rbg"), (False, True), (-1, 0), BATCHES):
        steps = max(16, min(4096, 1_000_000 // (slow + fast) // batch))
        size = (batch, slow + fast) if axis == -1 else (slow + fast, batch)

        def run(key, x, y, steps=steps, ahead=ahead, axis=axis, size=size):
            def step(carry, z):
                key, x, y = carry
                if not ahead:
                    key, own = jax.random.split(key)
                    z = jax.random.normal(own, size)
                b, beta = drift(jnp, shape, x, y, axis)
                zx, zy = (z[:, :slow], z[:, slow:]) if axis == -1 else (z[:slow], z[slow:])
                return (key, x + (b * H + SLOW_SD * zx), y + (beta * UNIT + FAST_SD * zy)), None

            normals = jax.random.normal(key, (steps, *size)) if ahead else None
            return jax.lax.scan(step, (key, x, y), normals, length=steps)[0][1:]

        compiled = jax.jit(run)
        key = jax.random.key(0, impl=implementation)
        x, y = (jnp.full((batch, n) if axis == -1 else (n, batch), value) for n, value in ((slow, 0.5), (fast, 0.25)))
        setting = f"scan, {implementation}, normals {'ahead' if ahead else 'within'}, {'paths' if axis == -1 else 'components'} first"
        yield setting, batch, steps, lambda: jax.block_until_ready(compiled(key, x, y))


def diffrax_cases(shape, slow, fast):
    import diffrax
    import jax
    import jax.numpy as jnp
    import lineax

    sd = jnp.concatenate([jnp.full(slow, S), jnp.full(fast, 1 / math.sqrt(EPSILON))])

    def field(t, v, args):
        b, beta = drift(jnp, shape, v[:slow], v[slow:], 0)
        return jnp.concatenate([b, beta / EPSILON])

    for batch in BATCHES:
        steps = max(16, min(512, 200_000 // (slow + fast) // batch))

        def one(key, steps=steps):
            path = diffrax.UnsafeBrownianPath((slow + fast,), key, levy_area=diffrax.BrownianIncrement)
            noise = diffrax.ControlTerm(lambda t, v, args: lineax.DiagonalLinearOperator(sd), path)
            return diffrax.diffeqsolve(
                diffrax.MultiTerm(diffrax.ODETerm(field), noise),
                diffrax.Euler(),
                0.0,
                steps * H,
                H,
                jnp.concatenate([jnp.full(slow, 0.5), jnp.full(fast, 0.25)]),
                saveat=diffrax.SaveAt(t1=True),
                adjoint=diffrax.ForwardMode() if hasattr(diffrax, "ForwardMode") else diffrax.DirectAdjoint(),
                max_steps=None,
                throw=False,
            ).ys

        compiled = jax.jit(jax.vmap(one))
        keys = jax.random.split(jax.random.key(0, impl="threefry2x32"), batch)
        yield "Euler, UnsafeBrownianPath", batch, steps, lambda: jax.block_until_ready(compiled(keys))


def torch_cases(shape, slow, fast):
    import torch

    torch.set_num_threads(1)

    def step(x, y, z):
        b, beta = drift(torch, shape, x, y, 0)
        return x + (b * H + SLOW_SD * z[:slow]), y + (beta * UNIT + FAST_SD * z[slow:])

    def run(step, batch, steps):
        with torch.inference_mode():
            x = torch.full((slow, batch), 0.5, dtype=torch.float64)
            y = torch.full((fast, batch), 0.25, dtype=torch.float64)
            for _ in range(steps):
                x, y = step(x, y, torch.randn(slow + fast, batch, dtype=torch.float64))
            return x, y

    for name, batches in (("loop", BATCHES + [16384]), ("loop, torch.compile", [256, 4096, 16384])):
        own = step if name == "loop" else torch.compile(step, dynamic=False)
        for batch in batches:
            steps = max(8, min(200, 1_000_000 // (slow + fast) // batch))
            yield name, batch, steps, lambda: run(own, batch, steps)


def torchsde_cases(shape, slow, fast):
    import torch
    import torchsde

    torch.set_num_threads(1)

    sd = torch.tensor([S] * slow + [1 / math.sqrt(EPSILON)] * fast, dtype=torch.float64)

    class System(torch.nn.Module):
        noise_type = "diagonal"
        sde_type = "ito"

        def f(self, t, v):
            b, beta = drift(torch, shape, v[:, :slow], v[:, slow:], -1)
            return torch.cat([b, beta / EPSILON], -1)

        def g(self, t, v):
            return sd.expand(v.shape)

    system = System()
    for batch in BATCHES + [16384]:
        steps = max(8, min(100, 500_000 // (slow + fast) // batch))

        def run(batch=batch, steps=steps):
            with torch.inference_mode():
                start = torch.cat([torch.full((batch, slow), 0.5), torch.full((batch, fast), 0.25)], -1).double()
                times = torch.tensor([0.0, steps * H], dtype=torch.float64)
                return torchsde.sdeint(system, start, times, dt=H, method="euler")

        yield "sdeint, euler", batch, steps, run


PEERS = {"numba": numba_cases, "jax": jax_cases, "torch": torch_cases, "torchsde": torchsde_cases, "diffrax": diffrax_cases}


def main():
    found = []
    for shape, (name, slow, fast) in enumerate(SHAPES):
        for peer, cases in PEERS.items():
            best = None
            try:
                for setting, batch, steps, run in cases(shape, slow, fast):
                    nanoseconds, first = timed(run, batch, steps)
                    print(f"{name}: {peer}, {setting}, batch {batch}: {nanoseconds:.1f} ns", file=sys.stderr)
                    if best is None or nanoseconds < best["nanoseconds"]:
                        best = {"shape": name, "peer": peer, "setting": setting, "batch": batch, "nanoseconds": nanoseconds, "firstCallSeconds": first}
            except Exception as error:  # A peer that fails on a setting keeps what it reached before.
                print(f"{name}: {peer} failed: {error}", file=sys.stderr)
            if best is not None:
                found.append(best)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
