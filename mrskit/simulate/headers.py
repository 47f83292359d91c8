"""The header and tables of a raw exposure, with all keywords that the pipeline and the lessons read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mrskit import __version__
from mrskit.bands import SUBBANDS, Setting
from mrskit.plan import FRAME_TIME, Observation, Program, exposure_time, photon_time
from mrskit.products import SIMULATED, uncal_name
from mrskit.simulate.instrument import DATE_OBS
from mrskit.simulate.pointing import PARITY, V2_REF, V3_IDEAL_ANGLE, V3_REF, Pointing

_START = 59764.25  # MJD (UTC) of the first exposure: 2022-07-04 06:00
_SPACING = 1200.0 / 86400.0  # days between the starts of two exposures, adopted
_SCA = {"MIRIFUSHORT": 495, "MIRIFULONG": 494}


@dataclass(frozen=True, slots=True)
class Plan:
    """One exposure to be simulated."""

    setting: Setting
    observation: Observation
    number: int  # observation number in the file name; the long ramp has its own
    dither: int  # 1-based position in the pattern
    dithers: int  # number of positions in the observation
    groups: int
    integrations: int

    @property
    def background(self) -> bool:
        """Whether the exposure is of the background field."""
        return self.observation.role == "background"

    def name(self, program: Program) -> str:
        """Name of the raw file."""
        return uncal_name(program.id, self.number, program.activity[self.setting.subband], self.dither, self.setting)

    @property
    def group_time(self) -> float:
        """Time between groups, s."""
        return FRAME_TIME[self.observation.readout]

    @property
    def start(self) -> float:
        """Start, MJD (UTC); the exposures are ordered by observation, then sub-band, then dither."""
        step = SUBBANDS.index(self.setting.subband) * 4 + self.dither - 1
        return _START + (12 * (self.number - 4) + step) * _SPACING


def fill_header(model, plan: Plan, program: Program, pointing: Pointing) -> None:
    """Write the keywords of an exposure into the metadata of a jwst model."""
    meta = model.meta
    meta.telescope, meta.origin = "JWST", SIMULATED
    meta.filename = plan.name(program)
    meta.data_processing_software_version = f"mrskit {__version__}"
    meta.prd_software_version, meta.time_sys = "PRDOPSSOC-055", "UTC"
    instrument = meta.instrument
    instrument.name, instrument.detector = "MIRI", plan.setting.detector
    instrument.channel, instrument.band = plan.setting.channels, plan.setting.subband
    instrument.ccc_state, instrument.lamp_state = "OPEN", "OFF"
    _identity(meta, plan, program)
    _target(meta, plan, program, pointing)
    _exposure(meta.exposure, plan)
    _dither(meta.dither, plan, pointing)
    _pointing(meta, pointing)
    subarray = meta.subarray
    subarray.name, subarray.xstart, subarray.ystart, subarray.xsize, subarray.ysize = "FULL", 1, 1, 1032, 1024
    subarray.fastaxis, subarray.slowaxis = 1, 2


def sign(model, perfect: bool) -> None:
    """
    State in the history and primary header that the exposure is simulated, and the version of the simulator.

    The header has neither seed nor scene, nor their digest, which would confirm a guess. They are in ``truth/``.
    """
    from stdatamodels import util

    text = (f"SIMULATED by mrskit {__version__}: not an observation. "
            f"References {'exact' if perfect else 'with stated errors'}.")  # fmt: skip
    model.history.append(util.create_history_entry(text))
    cards = [
        ["SIMVERS", __version__, "version of the simulator (mrskit)"],
        ["SIMPERF", perfect, "reference files equal the simulated instrument"],
    ]  # fmt: skip
    model.extra_fits = {"PRIMARY": {"header": cards}}


def _identity(meta, plan: Plan, program: Program) -> None:
    observation = meta.observation
    start, end = _time(plan.start), _time(plan.start + _duration(plan) / 86400.0)
    observation.date, observation.time = start.split("T")
    observation.date_beg, observation.date_end = start, end
    activity = program.activity[plan.setting.subband]
    observation.program_number, observation.observation_number = f"{program.id:05d}", f"{plan.number:03d}"
    observation.visit_number, observation.visit_group = "001", activity[:2]
    observation.sequence_id, observation.activity_id = activity[2], activity[3:]
    observation.exposure_number = str(plan.dither)
    observation.visit_id = f"{program.id:05d}{plan.number:03d}001"
    observation.obs_id = f"V{observation.visit_id}P{0:010d}{activity}"
    observation.observation_label = plan.observation.label
    observation.template = "MIRI Medium Resolution Spectroscopy"
    observation.bkgdtarg = plan.background
    meta.program.title, meta.program.pi_name = program.title, "simulated"
    meta.visit.type, meta.visit.total_exposures = "PRIME_TARGETED_FIXED", plan.dithers
    meta.visit.tsovisit, meta.visit.internal_target = False, False


def _target(meta, plan: Plan, program: Program, pointing: Pointing) -> None:
    target = meta.target
    target.proposer_name, target.catalog_name = plan.observation.target, program.target
    target.type, target.source_type_apt = "FIXED", "EXTENDED"
    target.ra = target.proposer_ra = pointing.target_ra
    target.dec = target.proposer_dec = pointing.target_dec


def _duration(plan: Plan) -> float:
    return exposure_time(plan.groups, plan.integrations, readout=plan.observation.readout)


def _exposure(exposure, plan: Plan) -> None:
    exposure.type, exposure.readpatt = "MIR_MRS", plan.observation.readout
    exposure.nints, exposure.ngroups, exposure.nframes, exposure.groupgap = plan.integrations, plan.groups, 1, 0
    exposure.integration_start, exposure.integration_end = 1, plan.integrations
    exposure.nsamples = 1 if plan.observation.readout == "FASTR1" else 9
    exposure.sample_time, exposure.frame_divisor = 10.0, 1
    exposure.frame_time = exposure.group_time = plan.group_time
    exposure.integration_time = plan.groups * plan.group_time
    exposure.exposure_time = exposure.effective_exposure_time = photon_time(
        plan.groups, plan.integrations, readout=plan.observation.readout
    )
    exposure.measurement_time, exposure.elapsed_exposure_time = exposure.exposure_time, _duration(plan)
    exposure.duration = _duration(plan)
    exposure.drop_frames1, exposure.drop_frames3 = 0, 0
    exposure.nresets_at_start, exposure.nresets_between_ints = 1, 1
    exposure.zero_frame, exposure.data_problem, exposure.prime_parallel = False, False, "PRIME"
    exposure.sca_num, exposure.datamode = _SCA[plan.setting.detector], 7
    exposure.count, exposure.noutputs = plan.dithers, 5
    end = plan.start + _duration(plan) / 86400.0
    exposure.start_time = exposure.start_time_mjd = plan.start
    exposure.mid_time = exposure.mid_time_mjd = (plan.start + end) / 2
    exposure.end_time = exposure.end_time_mjd = end


def _dither(dither, plan: Plan, pointing: Pointing) -> None:
    dither.primary_type, dither.optimized_for = plan.observation.pattern, plan.observation.optimized_for
    dither.direction, dither.primary_channel = plan.observation.direction, "ALL"
    dither.total_points, dither.position_number = plan.dithers, plan.dither
    dither.x_offset, dither.y_offset = pointing.x_offset, pointing.y_offset


def _pointing(meta, pointing: Pointing) -> None:
    wcs = meta.wcsinfo
    wcs.v2_ref, wcs.v3_ref, wcs.v3yangle, wcs.vparity = V2_REF, V3_REF, V3_IDEAL_ANGLE, PARITY
    wcs.ra_ref, wcs.dec_ref, wcs.roll_ref = pointing.ra_ref, pointing.dec_ref, pointing.roll_ref
    wcs.velosys = 0.0  # the scene is in the observer's frame: no barycentric correction
    meta.pointing.ra_v1, meta.pointing.dec_v1, meta.pointing.pa_v3 = pointing.ra_v1, pointing.dec_v1, pointing.pa_v3
    meta.aperture.name = meta.aperture.pps_name = "MIRIFU_CHANNEL1A"
    meta.aperture.position_angle = pointing.roll_ref
    meta.velocity_aberration.scale_factor = 1.0
    meta.velocity_aberration.va_ra_ref, meta.velocity_aberration.va_dec_ref = pointing.ra_ref, pointing.dec_ref
    meta.coordinates.reference_frame = "ICRS"
    meta.guidestar.gs_pcs_mode = "FINEGUIDE"


def fill_tables(model, plan: Plan) -> None:
    """Write the GROUP and INT_TIMES tables, with one row per group and one row per integration."""
    group = np.zeros(plan.integrations * plan.groups, dtype=model.get_dtype("group"))
    times = np.zeros(plan.integrations, dtype=model.get_dtype("int_times"))
    first_day = np.floor(_START)
    for integration in range(plan.integrations):
        start = plan.start + integration * (plan.groups + 1) * plan.group_time / 86400.0
        ends = start + (np.arange(plan.groups) + 1) * plan.group_time / 86400.0
        rows = slice(integration * plan.groups, (integration + 1) * plan.groups)
        group["integration_number"][rows], group["group_number"][rows] = integration + 1, np.arange(plan.groups) + 1
        group["end_day"][rows] = ends - first_day
        group["end_milliseconds"][rows] = (ends % 1.0) * 86400.0e3
        group["group_end_time"][rows] = [_time(end) for end in ends]
        group["bary_end_time"][rows] = group["helio_end_time"][rows] = ends
        times["integration_number"][integration] = integration + 1
        for name, value in (("start", start), ("mid", (start + ends[-1]) / 2), ("end", ends[-1])):
            times[f"int_{name}_MJD_UTC"][integration] = times[f"int_{name}_BJD_TDB"][integration] = value
    group["number_of_columns"], group["number_of_rows"] = 1032, 1024
    group["completion_code_text"] = "COMPLETE"
    model.group, model.int_times = group, times


def _time(mjd: float) -> str:
    """Return an ISO time with milliseconds, e.g. 2022-07-04T06:00:00.000; leap seconds are not needed."""
    start = np.datetime64(f"{DATE_OBS}T00:00:00.000")
    return str(start + np.timedelta64(round((mjd - np.floor(_START)) * 86400.0e3), "ms"))
