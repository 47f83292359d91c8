"""Masks made by hand."""

import numpy as np

from mrskit.analysis import masks


def test_the_patch_of_the_peak_leaves_out_other_patches_as_bright_as_half_of_it():
    image = np.zeros((9, 9))
    image[1:3, 1:4] = 8.0
    image[2, 2] = 10.0
    image[6:8, 6:8] = 9.0
    image[3, 1] = 4.9
    assert np.argwhere(masks.peak_patch(image)).tolist() == [[1, 1], [1, 2], [1, 3], [2, 1], [2, 2], [2, 3]]
