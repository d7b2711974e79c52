"""Expectation–maximisation over answers: one loop, two ways to make its pass over the data.

The pass (`sweep`) is where the time goes; `numba_sweep` fuses it into one loop over the answers,
`scipy_sweep` does it with two sparse products. Both give the same numbers up to rounding.
"""
