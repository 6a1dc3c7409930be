"""Finds the polynomials of normal.ts: minimax fits by Lawson's iteration (needs numpy)."""
import numpy as np


def points(end, count=6000):
    """Chebyshev's points on (0, end]."""
    return end / 2 * (1 - np.cos(np.pi * np.arange(1, count) / (count - 1)))


def lawson(powers, target, weight, rounds=300):
    """Coefficients that make the largest weighted error least: least squares, errors made the next weights."""
    own, best = np.ones(len(target)), None
    for _ in range(rounds):
        root = np.sqrt(own) * weight
        coefficients = np.linalg.lstsq(powers * root[:, None], target * root, rcond=None)[0]
        error = np.abs((powers @ coefficients - target) * weight)
        if best is None or error.max() < best[0]:
            best = error.max(), coefficients
        own *= error / error.max() + 1e-9
        own /= own.sum()
    return best


def fit(name, count, z, target, weight):
    """Rounds coefficient by coefficient to float32, from the lowest power on, and fits the rest anew after each."""
    rounded = []
    while len(rounded) < count:
        k = len(rounded)
        powers = np.stack([z**p for p in range(k, count)], 1)
        rest = target - sum(c * z**p for p, c in enumerate(rounded))
        rounded.append(float(np.float32(lawson(powers, rest, weight)[1][0])))
    error = np.abs(sum(c * z**p for p, c in enumerate(rounded)) - target) * weight
    print(name, rounded[::-1], f"error {error.max():.1e}")


s = points((1 - np.sqrt(0.5)) / (1 + np.sqrt(0.5)) * (1 + 1e-7))
fit("LOG", 3, s * s, -4 * np.arctanh(s) / s, s)
t = points(0.5)
fit("SINE", 5, t * t, np.sin(np.pi * t) / t, t)
fit("COSINE", 5, t * t, np.cos(np.pi * t), np.ones_like(t))
