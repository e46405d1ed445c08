"""Intervals by resampling seeds with replacement (Efron 1979).

The samples of one seed resemble each other, so seeds are resampled, not rows. Above MAX_UNITS seeds they are first put
together in that many groups: means of random groups vary as much, and time and memory stay bounded.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textgen_core.evaluation.settings import BootstrapSettings

MAX_UNITS = 2000

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Intervals(NamedTuple):
    """95% intervals of m figures; NaN where there is none."""

    low: Floats
    high: Floats


def units(seed_ids: Sequence[str]) -> Ints:
    """[n] the resampling unit (0, 1, 2 ...) of each row, the same for any order of the rows."""
    distinct = sorted(set(seed_ids))
    if len(distinct) > MAX_UNITS:
        number = {id: zlib.crc32(id.encode("utf-8", "replace")) % MAX_UNITS for id in distinct}
        return _dense(np.array([number[id] for id in seed_ids], np.int64))
    number = {id: place for place, id in enumerate(distinct)}
    return np.array([number[id] for id in seed_ids], np.int64)


def _dense(numbers: Ints) -> Ints:
    dense: Ints = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
    return dense


def weights(n_units: int, settings: BootstrapSettings) -> Floats:
    """[samples, n_units] how often each resample draws each unit; each row sums to n_units.

    Equal for equal n_units, so that two samplers on the same seeds are resampled alike.
    """
    draws = np.random.default_rng(settings.seed).integers(0, n_units, (settings.samples, n_units))
    rows = np.arange(settings.samples)[:, None] * n_units
    counts = np.bincount((draws + rows).ravel(), minlength=settings.samples * n_units)
    return counts.reshape(settings.samples, n_units).astype(np.float64)


def ratio_intervals(numerators: Floats, denominators: Floats, unit: Ints, settings: BootstrapSettings) -> Intervals:
    """Intervals of sum(numerators) / sum(denominators), column by column of [n, m]; a mean has ones below.

    NaN where there is nothing to divide by, where a single unit tells nothing of the spread, or without resamples.
    """
    if not settings.samples or not unit.size or unit.max() == 0:
        nothing = np.full(numerators.shape[1], np.nan)
        return Intervals(nothing, nothing)
    sums, sizes = _by_unit(numerators, unit), _by_unit(denominators, unit)
    drawn = weights(len(sums), settings)
    # einsum adds in one fixed order; a BLAS product's last bits would depend on the threads
    above, below = (np.einsum("bu,um->bm", drawn, values) for values in (sums, sizes))
    return interval(np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0))


def interval(resampled: Floats) -> Intervals:
    """The 2.5% and 97.5% percentiles along the first axis; NaN entries left out, NaN if there are no others."""
    ordered = np.sort(resampled, axis=0)  # NaN last
    known = (~np.isnan(resampled)).sum(axis=0)
    ends = [_percentile(ordered, known, share) for share in (0.025, 0.975)]
    return Intervals(*ends)


def _percentile(ordered: Floats, known: npt.NDArray[np.int_], share: float) -> Floats:
    place = np.rint(share * np.maximum(known - 1, 0)).astype(np.int64)
    values: Floats = np.take_along_axis(ordered, place[None], axis=0)[0]
    return values


def _by_unit(values: Floats, unit: Ints) -> Floats:
    sums = np.zeros((int(unit.max()) + 1, values.shape[1]))
    np.add.at(sums, unit, values)
    return sums
