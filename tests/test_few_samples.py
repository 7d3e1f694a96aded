"""The experiment on accuracy with few samples a class."""

import json
from pathlib import Path

import numpy as np
import pytest

import kdverify as kd
from experiments import few_samples

RELU = "ReLU features"
ROOT = Path(__file__).resolve().parents[1]


def cumulants(sample):
    mean = sample.mean(axis=0)
    gaps = sample - mean
    return mean, np.cov(sample.T), np.einsum("ra,rb,rc->abc", gaps, gaps, gaps) / len(sample)


def test_the_laws_have_the_moments_of_the_scores():
    """Scores that sum to one, slightly skew: the third cumulants return to second order."""
    generator = np.random.default_rng(0)
    scores = generator.gamma(60.0, 1.0, (20_000, 3)) * np.array([1.0, 2.0, 3.0])
    scores = np.column_stack([scores, 1 - scores.sum(axis=1)])
    normal, skewed = few_samples.normal_and_skewed(
        scores, few_samples.normal_draws(few_samples.DRAWS, 4)
    )
    mean, covariance, third = cumulants(scores)
    for law in (normal, skewed):
        np.testing.assert_allclose(law.sum(axis=1), 1, atol=1e-9)
        found = cumulants(law)
        np.testing.assert_allclose(found[0], mean, atol=0.01 * np.sqrt(covariance.max()))
        np.testing.assert_allclose(found[1], covariance, atol=0.01 * covariance.max())
    largest = np.abs(third).max()
    assert np.abs(cumulants(skewed)[2] - third).max() < 0.1 * largest
    assert np.abs(cumulants(normal)[2] - third).max() > 0.5 * largest


def test_the_committed_results_say_what_the_page_says():
    """Exact moments miss where there are one or two samples a class, and not with five."""
    found = {
        (row["set"], row["n"]): row
        for row in json.loads((ROOT / "docs" / "figures" / "few_samples.json").read_text())["rows"]
    }
    for key in (("digits", 6), ("digits", 12), ("digits", 18), (RELU, 10), (RELU, 20)):
        row = found[key]
        assert row["normal"] - row["measured"] > 0.005 + 3 * row["standard_error"]
        assert row["skewed"] - row["measured"] > 0.003 + 3 * row["standard_error"]
        assert abs(row["accuracy"] - row["measured"]) < row["normal"] - row["measured"]
    row = found[RELU, 50]
    assert abs(row["normal"] - row["measured"]) < 0.005


def test_accuracy_on_rows_that_judge():
    """All rows say what no choice says; some rows what they say alone."""
    generator = np.random.default_rng(5)
    features = generator.standard_normal((60, 8))
    classes = (features[:, 0] + 0.5 * generator.standard_normal(60) > 0).astype(int)
    question = kd.Question.of(features, classes, intercept="known")

    def accuracy(judges=None):
        found = kd.predict(question, 4, "strong", judges=judges).accuracy["strong"]
        return float(found)

    assert accuracy(np.arange(60)) == accuracy()
    halves = [accuracy(np.arange(30)), accuracy(np.arange(30, 60))]
    assert halves[0] != halves[1]
    assert np.mean(halves) == pytest.approx(accuracy(), abs=0.02)
    with pytest.raises(ValueError, match="judges"):
        accuracy([60])
