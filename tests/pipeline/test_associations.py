"""Association files: members, kinds, relative names, one file a product."""

import json
import warnings

import pytest

from mrskit.errors import PipelineError
from mrskit.pipeline import associations
from mrskit.pipeline.associations import Member


@pytest.fixture
def rates(tmp_path):
    """Three rate files of the source and two of the background, empty, in the workshop's folders."""
    made = {}
    for role, count in (("Source", 3), ("Background", 2)):
        folder = tmp_path / role / "stage1"
        folder.mkdir(parents=True)
        (tmp_path / role / "stage2").mkdir()
        made[role] = [folder / f"{role.lower()}_{number}_rate.fits" for number in range(count)]
        for path in made[role]:
            path.touch()
    return made


def load(path):
    from jwst.associations import load_asn

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Input association file contains path information")
        return load_asn(path.open())


def test_stage_2_holds_one_science_member_its_backgrounds_and_the_other_exposures_for_self_calibration(rates, tmp_path):
    science = rates["Source"][0]
    members = associations.stage2_members(science, rates["Background"], [*rates["Source"], *rates["Background"]])
    kinds = [member.kind for member in members]
    assert kinds == ["science", "background", "background", "selfcal", "selfcal", "selfcal", "selfcal"]
    assert science not in [member.path for member in members[1:]]
    path = associations.write(tmp_path / "Source" / "stage2" / "one_asn.json", 2, "one", members)
    product = load(path)["products"]
    assert len(product) == 1
    assert product[0]["name"] == "one"
    assert [member["exptype"] for member in product[0]["members"]] == kinds


def test_member_names_are_relative_to_the_file_so_that_a_workspace_can_be_moved(rates, tmp_path):
    members = associations.stage2_members(rates["Source"][0], rates["Background"])
    path = associations.write(tmp_path / "Source" / "stage2" / "one_asn.json", 2, "one", members)
    names = [member["expname"] for member in json.loads(path.read_text())["products"][0]["members"]]
    assert names[0] == "../stage1/source_0_rate.fits"
    assert all((path.parent / name).is_file() for name in names)
    assert str(tmp_path) not in path.read_text()


def test_stage_3_holds_all_science_exposures_and_the_background_spectra(rates, tmp_path):
    spectra = [tmp_path / "Background" / "stage2" / "b_0_x1d.fits"]
    members = associations.stage3_members(rates["Source"], spectra)
    path = associations.write(tmp_path / "Source" / "Level3_asn.json", 3, "Level3", members)
    product = load(path)["products"][0]
    assert product["name"] == "Level3"
    assert [member["exptype"] for member in product["members"]] == ["science"] * 3 + ["background"]
    assert load(path)["asn_type"] == "None" or load(path)["asn_rule"] == "DMS_Level3_Base"


def test_stage_3_without_a_science_exposure_is_refused():
    with pytest.raises(PipelineError, match="at least one cal file"):
        associations.stage3_members([])


def test_stage_2_with_two_science_members_is_refused_because_the_pipeline_would_use_the_first_alone(rates, tmp_path):
    members = [Member(path, "science") for path in rates["Source"][:2]]
    with pytest.raises(PipelineError, match=r"found 2 science members .*expected one science member"):
        associations.write(tmp_path / "two_asn.json", 2, "two", members)
    assert not (tmp_path / "two_asn.json").exists()


def test_a_kind_that_the_pipeline_does_not_know_is_refused(rates, tmp_path):
    members = [Member(rates["Source"][0], "science"), Member(rates["Source"][1], "bakcground")]
    with pytest.raises(PipelineError, match="bakcground"):
        associations.write(tmp_path / "odd_asn.json", 2, "odd", members)
