#!/usr/bin/python3
"""Fits the sum of six exponentials (three complex pairs) that src/num/smooth_lines.c uses for a Gaussian:

    exp(-t^2 / 2)  ~  sum over k of exp(-b t) (p cos(w t) + q sin(w t)),   t >= 0

with the smallest largest error (Lawson's reweighting of nonlinear least squares, the amplitudes eliminated), and
prints b, w, p, q a row, and what it errs by. Needs python3-numpy and python3-scipy, which nothing else here does.
"""

import numpy
from scipy.optimize import least_squares

T = numpy.linspace(0, 8, 4001)
GAUSS = numpy.exp(-T * T / 2)


def columns(rates):
    """cos and sin parts of each pair over T."""
    parts = []
    for b, w in rates.reshape(-1, 2):
        parts += [numpy.exp(-b * T) * numpy.cos(w * T), numpy.exp(-b * T) * numpy.sin(w * T)]
    return numpy.array(parts).T


def amplitudes(rates, weights):
    return numpy.linalg.lstsq(columns(rates) * weights[:, None], GAUSS * weights, rcond=None)[0]


def fit(rates, rounds=60):
    weights = numpy.ones_like(T)
    for _ in range(rounds):
        def miss(r):
            return (columns(r) @ amplitudes(r, weights) - GAUSS) * weights
        rates = least_squares(miss, rates, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=200).x
        error = abs(columns(rates) @ amplitudes(rates, weights) - GAUSS)
        squares = weights**2 * (error + 0.02 * error.max())
        weights = numpy.sqrt(squares / squares.mean())
    return rates, amplitudes(rates, weights)


rates, parts = fit(numpy.array([2.0, 0.55, 1.95, 1.7, 1.85, 2.9]))
for (b, w), (p, q) in zip(rates.reshape(-1, 2), parts.reshape(-1, 2)):
    print(f"    {{{b:.15f}, {w:.15f}, {p:.15f}, {q:.15f}}},")
error = abs(columns(rates) @ parts - GAUSS)
print(f"largest error {error.max():.3g}, mean of it over that of the Gaussian {error.sum() / GAUSS.sum():.3g}")
