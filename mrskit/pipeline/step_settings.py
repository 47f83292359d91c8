"""All step settings that matter for the MRS, each with its value, its reason, and the option that controls it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """The learner's choices for the reduction."""

    pixel_background: bool = False  # subtract the background exposures pixel by pixel in stage 2
    master_background: bool = True  # subtract the master background spectrum in stage 3
    showers: bool = True  # look for cosmic-ray showers in the jump step
    stock: bool = False  # only the pipeline's own code, without the kit's replacements
    readout: str = "FASTR1"  # of the exposure, from its header
    scheduler: str = "local"  # "local", "none" (in this process, one by one) or the address of a Dask scheduler


DEFAULT_OPTIONS = Options()


@dataclass(frozen=True, slots=True)
class Choice:
    """One parameter of one step."""

    stage: str  # detector1, spec2 or spec3
    step: str
    parameter: str
    value: object  # or a function of (Options, role)
    why: str

    def resolve(self, options: Options, role: str) -> object:
        """Return the value for these options and this role (``source`` or ``background``)."""
        return self.value(options, role) if callable(self.value) else self.value


def _science_only(_options: Options, role: str) -> bool:
    return role == "source"


_SHOWER = "shower search: the code's default, kept explicit because a parameter file may change it"
_JUMP = "jump detection on differences of groups: the code's default"
_AFTER = "no flags after a jump: the code's default; parameter files for flight data may differ"

CHOICES = tuple(Choice(*row) for row in (
    # ---------------------------------------------------------------------------------- stage 1: ramps to rates
    ("detector1", "dq_init", "skip", False, "bad pixels of the mask enter the data quality"),
    ("detector1", "emicorr", "skip", False,
     "the electronics' interference of 10 Hz is fitted and subtracted; a parameter file switches the step on"),
    ("detector1", "emicorr", "algorithm", "joint", "ramps and interference are fitted together: good from 3 groups on"),
    ("detector1", "saturation", "skip", False, "groups above the full well are flagged"),
    ("detector1", "saturation", "n_pix_grow_sat", 1, "the neighbours of a saturated pixel receive its charge"),
    ("detector1", "firstframe", "skip", True, "deprecated: the groups to leave out come from the rscd step"),
    ("detector1", "lastframe", "skip", False, "the last group is disturbed by the reset of the next row"),
    ("detector1", "reset", "skip", False, "the anomaly after a reset is subtracted"),
    ("detector1", "linearity", "skip", False, "ramps bend as charge accumulates"),
    ("detector1", "rscd", "skip", False, "the first groups after a reset decay: they are flagged"),
    ("detector1", "dark_current", "skip", False, "the dark ramp is subtracted group by group"),
    ("detector1", "refpix", "skip", True, "drift of the outputs: small for MIRI, so a parameter file switches it off"),
    ("detector1", "refpix", "odd_even_rows", True, "MIRI's even and odd rows have their own offsets"),
    ("detector1", "charge_migration", "skip", True, "a near-infrared effect"),
    ("detector1", "clean_flicker_noise", "skip", True, "1/f noise of the near-infrared detectors"),
    ("detector1", "persistence", "skip", True, "no persistence model for MIRI in this version"),
    ("detector1", "jump", "skip", False, "cosmic rays break the ramp: the groups of the break are flagged"),
    ("detector1", "jump", "rejection_threshold", 4.0, _JUMP + "; sigma of a difference"),
    ("detector1", "jump", "three_group_rejection_threshold", 6.0, _JUMP + " with two usable differences"),
    ("detector1", "jump", "four_group_rejection_threshold", 5.0, _JUMP + " with three usable differences"),
    ("detector1", "jump", "flag_4_neighbors", True, "charge of a hit leaks into the four neighbours"),
    ("detector1", "jump", "min_jump_to_flag_neighbors", 10.0, _JUMP + "; sigma"),
    ("detector1", "jump", "max_jump_to_flag_neighbors", 1000.0, _JUMP + "; sigma"),
    ("detector1", "jump", "after_jump_flag_dn1", 0.0, _AFTER),
    ("detector1", "jump", "after_jump_flag_time1", 0.0, _AFTER),
    ("detector1", "jump", "after_jump_flag_dn2", 0.0, _AFTER),
    ("detector1", "jump", "after_jump_flag_time2", 0.0, _AFTER),
    ("detector1", "jump", "find_showers", lambda options, _role: options.showers,
     "MIRI's showers: False in the code, switched on by a parameter file only, so it is set here"),
    ("detector1", "jump", "extend_snr_threshold", 1.2, _SHOWER),
    ("detector1", "jump", "extend_min_area", 90, _SHOWER),
    ("detector1", "jump", "extend_inner_radius", 1.0, _SHOWER),
    ("detector1", "jump", "extend_outer_radius", 2.6, _SHOWER),
    ("detector1", "jump", "extend_ellipse_expand_ratio", 1.1, _SHOWER),
    ("detector1", "jump", "time_masked_after_shower", 15.0, _SHOWER + "; s"),
    ("detector1", "jump", "max_shower_amplitude", 4.0, _SHOWER + "; DN/s"),
    ("detector1", "jump", "max_extended_radius", 200, _SHOWER),
    ("detector1", "jump", "expand_large_events", False, "snowballs are near-infrared events: not meant for MIRI"),
    ("detector1", "jump", "maximum_cores", "1", "exposures run in parallel instead: the two are never nested"),
    ("detector1", "ramp_fit", "algorithm", "OLS_C", "weighted least squares through the usable groups"),
    ("detector1", "ramp_fit", "suppress_one_group", True, "one usable group gives no slope that can be trusted"),
    ("detector1", "ramp_fit", "maximum_cores", "1", "exposures run in parallel instead: the two are never nested"),
    ("detector1", "gain_scale", "skip", False, "no effect at the standard gain"),
    # ------------------------------------------------------------------- stage 2: rates to calibrated exposures
    ("spec2", "assign_wcs", "skip", False, "every pixel gets its position and wavelength"),
    ("spec2", "badpix_selfcal", "skip", True, "off by default; needs many exposures to tell warm pixels from sources"),
    ("spec2", "badpix_selfcal", "flagfrac_lower", 0.001, "fraction flagged at the faint end, if it runs"),
    ("spec2", "badpix_selfcal", "flagfrac_upper", 0.001, "fraction flagged at the bright end, if it runs"),
    ("spec2", "badpix_selfcal", "kernel_size", 15, "width of its median filter, if it runs"),
    ("spec2", "bkg_subtract", "skip", lambda options, role: role == "background" or not options.pixel_background,
     "pixel background: a choice of the course; a background exposure is never subtracted from itself"),
    ("spec2", "bkg_subtract", "sigma", 3.0, "background exposures are averaged after clipping at 3 sigma"),
    ("spec2", "srctype", "skip", False, "POINT or EXTENDED decides how spectra are extracted"),
    ("spec2", "straylight", "skip", False, "the cross-artifact of the detector and the pedestal are subtracted"),
    ("spec2", "straylight", "clean_showers", False, "second shower algorithm, off by default"),
    ("spec2", "flat_field", "skip", False, "pixel-to-pixel sensitivity"),
    ("spec2", "fringe", "skip", False, "the static fringe flat"),
    ("spec2", "photom", "skip", False, "DN/s become MJy/sr"),
    ("spec2", "photom", "apply_time_correction", True, "the sensitivity of the long channels falls with time"),
    ("spec2", "residual_fringe", "skip", True, "the one-dimensional correction of extract_1d is used instead"),
    ("spec2", "adaptive_trace_model", "skip", True, "off by default"),
    ("spec2", "pixel_replace", "skip", True, "done once, in stage 3"),
    ("spec2", "cube_build", "skip", _science_only, "nothing reads the cube of one exposure: stage 3 makes cubes"),
    ("spec2", "cube_build", "output_type", "band", "one cube per band"),
    ("spec2", "cube_build", "weighting", "drizzle", "the code's default"),
    ("spec2", "cube_build", "coord_system", "skyalign", "north is up"),
    ("spec2", "extract_1d", "skip", _science_only, "only the master background needs spectra of stage 2"),
    ("spec2", "extract_1d", "ifu_autocen", False, "empty sky has no centre"),
    ("spec2", "extract_1d", "ifu_rfcorr", True, "residual fringes are removed from the spectrum"),
    ("spec2", "extract_1d", "apply_apcorr", True, "no effect on an extended source"),
    # --------------------------------------------------------------------- stage 3: exposures to cubes and spectra
    ("spec3", "master_background", "skip", lambda options, _role: not options.master_background,
     "master background: a choice of the course"),
    ("spec3", "master_background", "median_kernel", 1, "no smoothing of the background spectrum"),
    ("spec3", "master_background", "force_subtract", False, "not after a pixel background: it would subtract twice"),
    ("spec3", "outlier_detection", "skip", False, "pixels that disagree with their neighbours in one exposure"),
    ("spec3", "outlier_detection", "kernel_size", "7 7", "the code's default"),
    ("spec3", "outlier_detection", "threshold_percent", 99.8, "the code's default"),
    ("spec3", "outlier_detection", "ifu_second_check", False, "the code's default"),
    ("spec3", "adaptive_trace_model", "skip", True, "off by default"),
    ("spec3", "pixel_replace", "skip", False, "as the observatory's notebook: flagged pixels leave gaps in the cube"),
    ("spec3", "pixel_replace", "algorithm", "mingrad", "along the smallest gradient of the neighbours"),
    ("spec3", "cube_build", "output_type", "band", "one cube per band"),
    ("spec3", "cube_build", "weighting", "drizzle", "the code's default"),
    ("spec3", "cube_build", "coord_system", "skyalign", "north is up"),
    ("spec3", "extract_1d", "ifu_autocen", True, "as the observatory's notebook; no effect on an extended source"),
    ("spec3", "extract_1d", "ifu_rfcorr", True, "residual fringes are removed from the spectrum"),
    ("spec3", "extract_1d", "apply_apcorr", True, "no effect on an extended source"),
    ("spec3", "extract_1d", "bkg_sigma_clip", 3.0, "the code's default"),
    ("spec3", "spectral_leak", "skip", False, "second order of 1B in 3A: needs both bands and a point source"),
))  # fmt: skip

# Every step through which the pipeline sends an MRS exposure, in its order; the steps of other modes are left out.
MRS_STEPS = {
    "detector1": ("group_scale", "dq_init", "emicorr", "saturation", "ipc", "firstframe", "lastframe", "reset",
                  "linearity", "rscd", "dark_current", "refpix", "charge_migration", "jump", "picture_frame",
                  "clean_flicker_noise", "persistence", "ramp_fit", "gain_scale"),
    "spec2": ("assign_wcs", "badpix_selfcal", "clean_flicker_noise", "bkg_subtract", "srctype", "straylight",
              "flat_field", "fringe", "photom", "residual_fringe", "adaptive_trace_model", "pixel_replace",
              "cube_build", "extract_1d"),
    "spec3": ("assign_mtwcs", "master_background", "outlier_detection", "adaptive_trace_model", "pixel_replace",
              "cube_build", "extract_1d", "spectral_leak"),
}  # fmt: skip
LEFT_ALONE = {  # steps whose `skip` this course does not set
    "group_scale": "no effect: the groups of the MRS are not averaged on board, or already scaled",
    "ipc": "no reference for MIRI; switched off by the parameter file of stage 1",
    "picture_frame": "background pattern of NIRSpec's detectors",
    "clean_flicker_noise": "1/f noise of the near-infrared detectors",
    "ramp_fit": "ramps become count rates",
    "cube_build": "the exposures become one cube per band",
    "extract_1d": "the cube becomes a spectrum",
    "assign_mtwcs": "for moving targets only",
}  # fmt: skip
