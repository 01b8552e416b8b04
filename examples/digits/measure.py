"""Labels, accuracy and selectivity, from counts of spikes."""

from __future__ import annotations

import numpy as np

CLASSES = 10
NO_LABEL = -1


def class_means(counts: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Mean count of each cell for each class, [classes, cells]."""
    return np.stack([counts[classes == c].mean(axis=0) for c in range(CLASSES)])


def labels(counts: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """For each cell the class for which it fires most; NO_LABEL if it never fires."""
    means = class_means(counts, classes)
    return np.where(means.max(axis=0) > 0, means.argmax(axis=0), NO_LABEL)


def accuracy(counts: np.ndarray, classes: np.ndarray, label: np.ndarray) -> float:
    """Part of the images for which the cells of the right class fire most, on average over these
    cells. A tie of k classes counts as 1/k, so a silent network has chance level."""
    scores = np.zeros((len(counts), CLASSES))
    for c in range(CLASSES):
        if (label == c).any():
            scores[:, c] = counts[:, label == c].mean(axis=1)
    best = scores == scores.max(axis=1, keepdims=True)
    return float((best[np.arange(len(classes)), classes] / best.sum(axis=1)).mean())


def selectivity(counts: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """(best class − mean of the others) / their sum, for each cell that fires."""
    means = class_means(counts, classes)
    means = means[:, means.max(axis=0) > 0]
    best = means.max(axis=0)
    others = (means.sum(axis=0) - best) / (CLASSES - 1)
    return (best - others) / (best + others)
