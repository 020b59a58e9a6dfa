"""Images of noise with the spectrum of photos, which are the same on every machine."""

import numpy as np

from pigeonhole.encoders.preprocessing import Floats


def noise(side: int, count: int) -> Floats:
    """Return images ``(count, 3, side, side)``, -1 to 1.

    Amplitude falls with frequency as in photos, and colours vary less than brightness.

    Source: Ruderman, Cronin, Chiao, "Statistics of cone responses to natural images", 1998.
    """
    random = np.random.RandomState(0)  # unlike default_rng's, its numbers never change
    across = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None, :])
    across[0, 0] = 1 / side
    axes = np.array([[0.58, 0.58, 0.58], [0.7, 0.0, -0.7], [0.4, -0.8, 0.4]])  # grey, two hues
    pictures = []
    for _ in range(count):
        waves = np.fft.fft2(random.standard_normal((3, side, side))) / across**1.2
        planes = np.fft.ifft2(waves).real
        planes *= np.array([0.9, 0.3, 0.15])[:, None, None] / planes.std(axis=(1, 2), keepdims=True)
        colours = np.einsum("aij,ac->cij", planes, axes) + random.normal(0, 0.25)
        pictures.append(np.clip(colours, -1, 1))
    return np.stack(pictures).astype(np.float32)
