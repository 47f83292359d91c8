"""Every number of the reference files that is not geometry, with its source; "adopted" marks the kit's own choices.

JDox is the JWST User Documentation, MIRI chapters. The cross-artifact, fringe and bad-pixel numbers are sized after
published descriptions, not fitted to data: the kit teaches with an instrument *like* the MRS.
"""

from __future__ import annotations

SEED = 2732  # all random maps derive from it
GROUP_TIME = 2.77504  # s, FASTR1 full array: 271 clocks x 1024 rows x 10 us (jwst emicorr: rowclocks, frameclocks)
USEAFTER = "2022-01-01T00:00:00"
AUTHOR = "mrskit (synthetic, for teaching)"

# ---- detector -------------------------------------------------------------------------------------------------------
GAIN = 4.0  # e-/DN; JDox "MIRI Detector Performance", table 1
READ_NOISE_CDS = 6.0  # DN; JDox quotes about 6 DN. Adopted as noise of a difference of two reads, the jwst convention
READ_NOISE_SPREAD = 0.03  # relative rms from pixel to pixel (adopted)
DARK_RATE = 0.05  # DN/s; JDox: about 0.2 e-/s
DARK_SLOPE = 0.3  # relative rise from the left to the right edge (adopted)
DARK_SPREAD = 0.10  # relative rms from pixel to pixel (adopted)
DARK_GROUPS = 4  # groups in the file: the pipeline extrapolates its straight line to longer ramps
BIAS = 9000.0  # DN, level after a reset (adopted; MIRI ramps are not bias-subtracted)
SATURATION = 60000.0  # DN; full well of about 51 000 DN above the bias (JDox: 210 000 e-, 52 500 DN)
SATURATION_SPREAD = 0.01  # relative rms (adopted)
# Linearity: true = measured + a (measured - BIAS)^2, so that the correction vanishes at the bias. Responsivity at full
# well 1 / (1 + 2 a 51 000) = 0.85, i.e. about 7 % of the signal there (adopted; form as in the jwst documentation).
LINEARITY_A = 1.73e-6  # 1/DN
LINEARITY_SPREAD = 0.05  # relative rms of a (adopted)
# Reset anomaly: offset that decays from group to group and is zero in the last group of the file (jwst documentation);
# sizes adopted. One amplitude for the first integration, one for the later ones.
RESET_AMPLITUDES = (35.0, 20.0)  # DN in the first group
RESET_DECAY = 1.2  # groups
RESET_GROUPS = 4
RESET_ODD_EVEN = 0.15  # relative difference of odd and even rows (adopted)
RSCD_GROUPS = (1, 4)  # groups flagged at the start of the first and of later integrations (adopted)
# Bad pixels, fractions of the array: 0.7 % in all (flight masks: order 1 %; adopted)
DEAD_FRACTION = 0.002
HOT_FRACTION = 0.003
NOISY_FRACTION = 0.001
CLUSTER_COUNT = 100  # 3 x 3 groups of dead pixels, 0.09 % of the array
HOT_RATES = (5.0, 400.0)  # DN/s, range of the masked hot pixels, uniform in the logarithm
WARM_FRACTION = 0.001  # unmasked pixels with a raised dark
WARM_RATES = (0.2, 2.0)  # DN/s
FLAT_SPREAD = 0.02  # relative rms from pixel to pixel (adopted)
FLAT_ERROR = 0.003  # relative, the ERR extension (adopted)

# ---- fringes --------------------------------------------------------------------------------------------------------
# Transmission 1 / (1 + F sin^2(pi wavenumber / period)) of each cavity, normalised to a mean of 1. Detectors have two,
# down to the pixels and down to the buried contact (Crouzet et al. 2025, A&A 698, A77), whose fringes beat. Period of
# channels 1 and 2 as in the public point-source reference vectors (2.91-2.92 cm^-1); the others adopted (thinner
# substrate below 16 um, buried contact above). Second period: 31 um of silicon less than 501 um (adopted). Contrast of
# both together: Argyriou et al. 2020, A&A 641, A150, arXiv:2007.16143 report 10-30 %; shared out 3 to 1 (adopted).
FRINGE_PERIOD = {1: 2.92, 2: 2.92, 3: 3.05, 4: 2.80}  # cm^-1, of the first cavity
FRINGE_SECOND = 501.0 / 470.0  # period of the second cavity over that of the first
FRINGE_CONTRAST = {1: (0.15, 0.06), 2: (0.15, 0.06), 3: (0.11, 0.045), 4: (0.06, 0.02)}  # (peak - valley) / peak
FRINGE_THICKNESS_SPREAD = 0.005  # relative change of the optical thickness from edge to edge of the detector (adopted)
FRINGE_ALPHA_PHASE = 0.30  # radians per arcsec along the slice: angle of incidence (adopted)
DICHROIC_PERIOD = 0.365  # cm^-1, of the dichroic in channels 3 and 4; in the point-source vectors 0.36-0.37
DICHROIC_CONTRAST = {1: 0.0, 2: 0.0, 3: 0.015, 4: 0.015}  # adopted, 1-2 %

# ---- photometry -----------------------------------------------------------------------------------------------------
# MJy/sr per DN/s in the middle of each band, inferred from the public sensitivity limits of ETC 4.0 (adopted; uncertain
# by 30 %); channel 4 raised to its throughput of mid-2022 by 1.3, 1.6, 2.
CONVERSION = {
    "1A": 631.0, "1B": 532.0, "1C": 404.0, "2A": 308.0, "2B": 256.0, "2C": 258.0,
    "3A": 264.0, "3B": 250.0, "3C": 229.0, "4A": 739.0 / 1.3, "4B": 1278.0 / 1.6, "4C": 5030.0 / 2.0,
}  # fmt: skip
BLAZE = 0.35  # relative rise of the conversion from the middle of a band to its ends, squared in wavelength (adopted)
SLICE_SPREAD = 0.01  # relative rms of the throughput from slice to slice (adopted)
CONVERSION_ERROR = 0.01  # relative, the ERR extension (adopted)
# Throughput with time: year1value ((t - t0 + tsoft) / (365 + tsoft))^alpha, equal to 1 on MJD 59763 (2022-07-03).
# Exponents (wavelength in um, alpha) adopted so that the loss after a year is negligible in channels 1 and 2, 1-10 % in
# channel 3 and 15-50 % in channel 4 (STScI news of 2023-05-25 and 2023-09-29).
TIME_ZERO = 59733.0  # MJD
TIME_SOFTENING = 60.0  # d
TIME_UNITY = 59763.0  # MJD
TIME_EXPONENTS = {
    1: ((4.6, -0.001), (8.0, -0.003)),
    2: ((7.2, -0.003), (12.2, -0.006)),
    3: ((11.0, -0.006), (18.5, -0.070)),
    4: ((17.0, -0.080), (20.0, -0.150), (24.0, -0.280), (29.0, -0.450)),
}

# ---- cross-artifact -------------------------------------------------------------------------------------------------
# Along a row: a Lorentzian, Gaussians at +-dx and, twice as wide, at +-2 dx. Adopted so that 1A scatters 20 % of the
# light in all and at most 1 % into one pixel (jwst documentation of the straylight step), falling with wavelength;
# channels 2 and 3 have the Lorentzian alone and channel 4 has nothing.
ARTIFACT_FWHM = 100.0  # pixels, Lorentzian
ARTIFACT_SCALE = {
    "1A": 1.0e-3, "1B": 9.0e-4, "1C": 8.0e-4, "2A": 5.0e-4, "2B": 4.0e-4, "2C": 3.0e-4,
    "3A": 2.0e-4, "3B": 1.5e-4, "3C": 1.0e-4, "4A": 0.0, "4B": 0.0, "4C": 0.0,
}  # fmt: skip
ARTIFACT_GAUSSIAN = {1: (2.5e-3, 6.0e-4), 2: (0.0, 0.0), 3: (0.0, 0.0), 4: (0.0, 0.0)}  # peaks at dx and 2 dx in 1A
ARTIFACT_GAUSSIAN_FWHM = 6.0  # pixels
ARTIFACT_OFFSET = 10.0  # pixels, dx at ARTIFACT_WAVELENGTH, proportional to wavelength
ARTIFACT_WAVELENGTH = 5.3  # um

# ---- point sources, cubes, spectra ----------------------------------------------------------------------------------
# Spectral leak: light of half the wavelength (1B) in 3A, as a Gaussian through peak and half width of the public curve
# MRS_spectral_leak_fractional.fits of github.com/STScI-MIRI/MRS-PFPC.
LEAK_PEAK, LEAK_WAVELENGTH, LEAK_FWHM = 0.027, 12.22, 0.19  # fraction of the 1B flux density, um, um
CUBE_SPAXEL = {1: 0.13, 2: 0.17, 3: 0.20, 4: 0.35}  # arcsec; Law et al. 2023
CUBE_STEP = {1: 0.0008, 2: 0.0013, 3: 0.0025, 4: 0.0060}  # um; Law et al. 2023
PSF_WINGS_ERROR = 0.5  # by how much the wings may differ from the default's: error of the aperture correction (adopted)
APERTURE = 2.0  # radius of the point-source aperture in FWHM
ANNULUS = (4.0, 5.0)  # background annulus in FWHM (adopted)
# Residual fringes: frequencies to look for, cm (jwst.residual_fringe.utils: 2.9 +- 1.5 and 0.4 +- 0.15 cm^-1)
RESIDUAL_FRINGES = ((2.9, 0.4), (0.4, 0.15))  # period of detector and dichroic with their ranges
RESIDUAL_AMPLITUDE = 0.2  # largest residual fringe that is believed (adopted)

# ---- electronic interference ----------------------------------------------------------------------------------------
# Frequency and clocks of the full array as in the tests of the emicorr step (spacetelescope/jwst). Adopted: that it is
# a sine, and the same in SLOWR1.
EMI_FREQUENCY = 10.039216  # Hz
EMI_BINS = 100  # values of the wave over one period (adopted)
