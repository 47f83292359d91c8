"""Parameters of the pipeline calls that learners write: what a lesson runs with until the learner's own are right."""

Steps = dict[str, dict[str, object]]
WITHOUT_JUMP: Steps = {"jump": {"skip": True}, "emicorr": {"skip": False}, "saturation": {"n_pix_grow_sat": 0}}
WITHOUT_STRAYLIGHT: Steps = {"straylight": {"skip": True}, "bkg_subtract": {"skip": True}, "extract_1d": {"skip": True}}
