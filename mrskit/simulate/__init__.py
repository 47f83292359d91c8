"""Raw MRS exposures with known truth: scene, optics, detector, and the reference cache that calibrates them."""
