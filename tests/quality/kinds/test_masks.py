from __future__ import annotations

import numpy as np
import pytest

from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds import Answer, masks


def test_pixels_go_to_the_majority_of_equals() -> None:
    rows = [[0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    outcome = masks.fit(Answer("image", who, np.array([row])) for who, row in enumerate(rows))
    assert outcome.consensus["image"].tolist() == [[0, 1, 1, 0]]
    assert outcome.confidence["image"].shape == (1, 4)


def test_one_who_is_reliable_outweighs_two_who_are_not() -> None:
    random = np.random.default_rng(0)
    truth = [random.random((12, 12)) < 0.5 for _ in range(20)]
    flips = {"good": 0.02, "fair": 0.1, "poor 1": 0.42, "poor 2": 0.42}
    answers = [
        Answer(image, who, mask ^ (random.random(mask.shape) < share))
        for image, mask in enumerate(truth)
        for who, share in flips.items()
        if image < 15 or who != "fair"
    ]
    found = masks.fit(answers).consensus
    late = np.mean([(found[image] == truth[image]).mean() for image in range(15, 20)])
    assert late > 0.95


def test_a_frame_of_background_changes_nothing() -> None:
    random = np.random.default_rng(1)
    truth = np.zeros((20, 20), dtype=bool)
    truth[5:15, 5:15] = True
    drawn = [truth ^ (random.random(truth.shape) < 0.15) for _ in range(4)]
    tight = masks.fit(Answer(0, who, mask) for who, mask in enumerate(drawn))
    framed = masks.fit(Answer(0, who, np.pad(mask, 30)) for who, mask in enumerate(drawn))
    assert (framed.consensus[0][30:-30, 30:-30] == tight.consensus[0]).mean() > 0.97
    assert not framed.consensus[0][:30].any()


def test_masks_of_one_image_have_one_shape() -> None:
    with pytest.raises(AnswersError, match="one shape"):
        masks.fit([Answer(0, 0, np.zeros((2, 2), int)), Answer(0, 1, np.zeros((2, 3), int))])


def test_a_mask_holds_labels() -> None:
    with pytest.raises(AnswersError, match="integers"):
        masks.fit([Answer(0, 0, np.array([[-1, 0]]))])
