"""Files as people have them become a workspace by their headers; what is no use is told, all at once."""

import gzip
import json
import os
import shutil

import pytest
from typer.testing import CliRunner

from mrskit import observed, workspace
from mrskit.adopt import layout
from mrskit.cli import app
from mrskit.errors import PlanError

NAME = "jw01523{:03d}001_03102_{:05d}_mirifu{}_uncal.fits"


def places(told):
    return {str(item.place) for item in told.placed}


def reasons(told):
    return {item.path.name: item.why for item in told.left_out}


def test_a_tree_of_any_names_is_laid_out_by_headers(tmp_path, raw):
    """Upper case, gz, a link to a folder, a read-only file; names that say nothing or something wrong."""
    mine = tmp_path / "mine"
    raw(mine / "mastDownload" / "JWST" / "x" / "JW01523003001_03102_00001_MIRIFUSHORT_UNCAL.FITS")
    raw(mine / "wrong #%20 ü_x1d.fts", exposure=2)
    packed = raw(tmp_path / "other" / "c_uncal.fits", exposure=3, channel="34", band="LONG")
    (mine / "link").symlink_to(tmp_path / "other")
    with packed.open("rb") as stream, gzip.open(packed.with_suffix(".FITS.GZ"), "wb") as out:
        shutil.copyfileobj(stream, out)
    packed.unlink()
    background = raw(mine / "source" / "uncal" / "d.fits", observation=4, BKGDTARG=True, offset=(150, -120))
    background.chmod(0o444)
    (mine / "preview.jpg").write_bytes(b"")
    told = layout.plan([mine], tmp_path / "ws")
    assert places(told) == {
        "Source/uncal/" + NAME.format(3, 1, "short"), "Source/uncal/" + NAME.format(3, 2, "short"),
        "Source/uncal/" + NAME.format(3, 3, "long"), "Background/uncal/" + NAME.format(4, 1, "short"),
    }  # fmt: skip
    assert not (tmp_path / "ws").exists()  # a plan alone
    assert layout.carry_out(told) == {"hard link": 3, "unpacked": 1}
    space = workspace.open_workspace(tmp_path / "ws")
    card = space.card()
    assert (card.data_source, card.simulated, card.program) == ("real", False, 1523)
    assert card.settings == ("12:SHORT", "34:LONG") and card.adopted[NAME.format(4, 1, "short")].role == "background"
    assert {item.number: item.role for item in observed.of(space).observations} == {3: "source", 4: "background"}
    assert background.samefile(space.stage("background", "uncal") / NAME.format(4, 1, "short"))


def test_everything_that_is_no_use_is_told_at_once(tmp_path, raw, product):
    good = raw(tmp_path / "good_uncal.fits")
    raw(tmp_path / "imager.fits", EXP_TYPE="MIR_IMAGE", exposure=2)
    raw(tmp_path / "acquisition.fits", EXP_TYPE="MIR_TACQ", exposure=3)
    raw(tmp_path / "confirm.fits", EXP_TYPE="MIR_TACONFIRM", exposure=3)
    raw(tmp_path / "no_channel.fits", exposure=4, CHANNEL="")
    raw(tmp_path / "no_band.fits", exposure=4, BAND=" ")
    raw(tmp_path / "cross.fits", exposure=5, BAND="SHORT-MEDIUM")
    raw(tmp_path / "cross2.fits", exposure=5, BAND="LONG-SHORT", channel="34")
    raw(tmp_path / "detector.fits", exposure=5, DETECTOR="MIRIFULONG")
    raw(tmp_path / "other.fits", program=1328, exposure=6)
    raw(tmp_path / "nirspec.fits", INSTRUME="NIRSPEC", exposure=7)
    raw(tmp_path / "shape.fits", exposure=8, NGROUPS=5)
    raw(tmp_path / "again" / "twice.fits")
    shutil.copy(good, tmp_path / "again" / "bytes.fits")
    raw(tmp_path / "kept" / "two.fits", exposure=9)
    raw(tmp_path / "sim.fits", exposure=10, ORIGIN="SIMULATED")
    product(tmp_path / "made_rate.fits", "rate")
    product(tmp_path / "ints.fits", "rateints", exposure=11)
    product(tmp_path / "crf.fits", "crf", exposure=12)
    product(tmp_path / "cube.fits", "s3d", channel="1")
    (tmp_path / "empty.fits").write_bytes(b"")
    (tmp_path / "login_uncal.fits").write_text("\n<!DOCTYPE html><html>Log in</html>")
    (tmp_path / "noise.fits").write_bytes(b"PK\x03\x04" * 100)
    (tmp_path / "dangling.fits").symlink_to(tmp_path / "gone.fits")
    cut = raw(tmp_path / "cut.fits", exposure=13)
    os.truncate(cut, 3_000_000)
    packed = gzip.compress(good.read_bytes())
    imager = gzip.compress((tmp_path / "imager.fits").read_bytes())
    (tmp_path / "packed_imager.fits").write_bytes(imager)  # packed, and its name does not say so
    (tmp_path / "cut.fits.gz").write_bytes(packed[: len(packed) // 2])
    told = layout.plan([tmp_path], tmp_path / "ws")
    assert len(told.placed) == 2 and told.problems == ()
    expected = {
        "imager.fits": "the imager: EXP_TYPE is MIR_IMAGE", "acquisition.fits": "target acquisition",
        "confirm.fits": "target acquisition", "no_channel.fits": "no CHANNEL", "no_band.fits": "no BAND",
        "cross.fits": "cross-dichroic, BAND is SHORT-MEDIUM", "cross2.fits": "cross-dichroic, BAND is LONG-SHORT",
        "detector.fits": "DETECTOR is MIRIFULONG, but channels 12 are on MIRIFUSHORT",
        "other.fits": "from program 1328, not 1523", "nirspec.fits": "INSTRUME is NIRSPEC",
        "shape.fits": "SCI has shape (1, 2, 1024, 1032), but the header states (1, 5,",
        "sim.fits": "simulated, among observed ones", "made_rate.fits": "'mrskit reduce' makes it from",
        "ints.fits": "an intermediate product", "crf.fits": "an intermediate product",
        "cube.fits": "'mrskit reduce' makes it again", "empty.fits": "empty", "login_uncal.fits": "a web page in place",
        "noise.fits": "not a FITS file", "dangling.fits": "a broken link", "cut.fits": "truncated: 3000000 bytes",
        "cut.fits.gz": "damaged (EOFError", "packed_imager.fits": "the imager",
    }  # fmt: skip
    said = reasons(told)
    for name, words in expected.items():
        assert words in said[name], (name, said[name])
    same = {name: why for name, why in said.items() if name not in expected}
    assert len(same) == 2 and all("the same bytes as" in why or "the same exposure as" in why for why in same.values())


def test_of_one_exposure_the_whole_and_latest_file_is_taken(tmp_path, raw):
    raw(tmp_path / "a" / "old.fits", DATE="2023-01-01T00:00:00")
    raw(tmp_path / "b" / "new.fits", DATE="2024-05-01T00:00:00")
    os.truncate(raw(tmp_path / "c" / "newest_cut.fits", DATE="2025-01-01T00:00:00"), 2_000_000)
    told = layout.plan([tmp_path], tmp_path / "ws")
    assert [item.found.path.name for item in told.placed] == ["new.fits"]
    assert "the same exposure as" in reasons(told)["old.fits"] and "truncated" in reasons(told)["newest_cut.fits"]


def test_rates_cals_and_products_of_stage_3_find_their_folders(tmp_path, product):
    product(tmp_path / "in" / "a.fits", "rate")
    product(tmp_path / "in" / "b.fits", "cal", exposure=2)
    product(tmp_path / "in" / "c.fits", "cal", observation=4, BKGDTARG=True, offset=(150, 0))
    product(tmp_path / "in" / "d.fits", "x1d", observation=4, BKGDTARG=True)
    told = layout.plan([tmp_path / "in"], tmp_path / "ws")
    stem = "jw01523{:03d}001_03102_{:05d}_mirifushort"
    assert places(told) == {
        f"Source/stage1/{stem.format(3, 1)}_rate.fits", f"Source/stage2/{stem.format(3, 2)}_cal.fits",
        f"Background/stage2/{stem.format(4, 1)}_cal.fits", f"Background/stage2/{stem.format(4, 1)}_x1d.fits",
    }  # fmt: skip
    product(tmp_path / "done" / "s.fits", "s3d", channel="1")
    product(tmp_path / "done" / "x.fits", "x1d", channel="1")
    told = layout.plan([tmp_path / "done"], tmp_path / "ws3")
    assert places(told) == {f"Source/stage3/jw01523-o003_miri_ch1-short_{kind}.fits" for kind in ("s3d", "x1d")}
    layout.carry_out(told)
    assert workspace.Workspace(tmp_path / "ws3").card().data_source == "real"


def test_spectra_of_one_channel_of_a_background_exposure_lie_beside_its_cal_file(tmp_path, product):
    product(tmp_path / "a.fits", "cal")
    product(tmp_path / "b.fits", "cal", observation=4, BKGDTARG=True, offset=(150, 0))
    for channel in "12":
        product(tmp_path / f"{channel}.fits", "x1d", observation=4, BKGDTARG=True, offset=(150, 0), channel=channel,
                FILENAME=f"jw01523004001_03102_00001_mirifushort_{channel}_x1d.fits")  # fmt: skip
    told = layout.plan([tmp_path], tmp_path / "ws")
    stem = "Background/stage2/jw01523004001_03102_00001_mirifushort"
    assert places(told) > {f"{stem}_cal.fits", f"{stem}_0_x1d.fits", f"{stem}_1_x1d.fits"} and not told.left_out


def test_backgrounds_without_a_source_are_told(tmp_path, product):
    product(tmp_path / "in" / "a.fits", "rate", BKGDTARG=True)
    assert any("all files are background" in note for note in layout.plan([tmp_path / "in"], tmp_path / "ws").notes)
    product(tmp_path / "in" / "b.fits", "rate", observation=4, offset=(150, 0))
    assert not any("all files" in note for note in layout.plan([tmp_path / "in"], tmp_path / "ws").notes)


def test_a_segment_is_an_exposure_of_its_own_and_missing_ones_are_told(tmp_path, raw):
    raw(tmp_path / "in" / "jw_seg001_uncal.fits", (2, 2, 1024, 1032), NINTS=10, EXSEGNUM=1, EXSEGTOT=3, INTSTART=1,
        INTEND=2)  # fmt: skip
    raw(tmp_path / "in" / "jw_seg002_uncal.fits", (2, 2, 1024, 1032), NINTS=10, EXSEGNUM=2, EXSEGTOT=3, INTSTART=3,
        INTEND=4)  # fmt: skip
    told = layout.plan([tmp_path / "in"], tmp_path / "ws")
    assert {item.place.name for item in told.placed} == {
        f"jw01523003001_03102_00001-seg{number:03d}_mirifushort_uncal.fits" for number in (1, 2)}  # fmt: skip
    assert any("2 of 3 segments are here" in note for note in told.notes)


def test_a_second_adopt_adds_and_takes_nothing_twice(tmp_path, raw):
    raw(tmp_path / "one" / "a.fits")
    raw(tmp_path / "two" / "b.fits", exposure=2)
    raw(tmp_path / "two" / "c.fits", observation=4, BKGDTARG=True, offset=(150, 0))
    layout.carry_out(layout.plan([tmp_path / "one"], tmp_path / "ws"))
    told = layout.plan([tmp_path / "one", tmp_path / "two"], tmp_path / "ws")
    assert len(told.new) == 2 and "already" in reasons(told)["a.fits"]
    layout.carry_out(told)
    space = workspace.Workspace(tmp_path / "ws")
    assert len(space.card().adopted) == 3 and len(list(space.root.glob("*/uncal/*.fits"))) == 3
    assert layout.carry_out(layout.plan([tmp_path], tmp_path / "ws")) == {}


def test_an_adopt_that_fails_leaves_no_workspace_and_its_next_call_begins_anew(tmp_path, raw, monkeypatch):
    raw(tmp_path / "in" / "a.fits")
    raw(tmp_path / "in" / "b.fits", exposure=2)
    told = layout.plan([tmp_path / "in"], tmp_path / "ws")
    (tmp_path / ".adopting-ws" / "Source" / "uncal").mkdir(parents=True)  # of one that was killed
    (tmp_path / ".adopting-ws" / "Source" / "uncal" / "rubbish_uncal.fits").write_bytes(b"")
    calls = []

    def bring(source, target, packed, copy):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "no space left")
        return real(source, target, packed, copy)

    real = layout._bring
    monkeypatch.setattr(layout, "_bring", bring)
    with pytest.raises(OSError, match="no space"):
        layout.carry_out(told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]
    monkeypatch.undo()
    layout.carry_out(told)
    assert len(list((tmp_path / "ws" / "Source" / "uncal").iterdir())) == 2


def test_what_cannot_be_linked_is_linked_by_name_or_copied_on_request(tmp_path, raw, monkeypatch):
    path = raw(tmp_path / "in" / "a.fits")
    told = layout.plan([path], tmp_path / "ws")
    assert layout.carry_out(told, copy=True) == {"copy": 1}
    shutil.rmtree(tmp_path / "ws")
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(18, "another disk")))
    assert layout.carry_out(told) == {"symbolic link": 1}
    [link] = (tmp_path / "ws" / "Source" / "uncal").iterdir()
    assert link.is_symlink() and link.samefile(path)


def test_places_that_become_no_workspace_are_refused(tmp_path, raw):
    raw(tmp_path / "in" / "a.fits")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("")
    (tmp_path / "file").write_text("")
    for name, words in (("thesis", "contains other files and is not a workspace"), ("file", "is a file")):
        with pytest.raises(PlanError, match=words):
            layout.carry_out(layout.plan([tmp_path / "in"], tmp_path / name))
    assert "no such file or folder" in layout.plan([tmp_path / "typo"], tmp_path / "ws").problems[0]
    (tmp_path / "jpg").mkdir()
    (tmp_path / "jpg" / "a.jpg").write_text("")
    assert "no file that can be adopted among 0 FITS files and 1 other" in layout.plan(
        [tmp_path / "jpg"], tmp_path / "ws").problems[0]  # fmt: skip


def test_of_several_programs_the_larger_part_is_taken_or_it_is_asked(tmp_path, raw):
    raw(tmp_path / "a.fits")
    raw(tmp_path / "b.fits", program=1328)
    told = layout.plan([tmp_path], tmp_path / "ws")
    assert "01523" not in told.problems[0] and "choose one with --program" in told.problems[0]
    assert places(layout.plan([tmp_path], tmp_path / "ws", program=1328)) == {
        "Source/uncal/jw01328003001_03102_00001_mirifushort_uncal.fits"}  # fmt: skip
    layout.carry_out(layout.plan([tmp_path / "b.fits"], tmp_path / "ws"))
    assert "from program 1523, not 1328" in reasons(layout.plan([tmp_path], tmp_path / "ws"))["a.fits"]


def test_the_command_shows_the_plan_asks_what_is_undecided_and_says_what_comes_next(tmp_path, raw, monkeypatch):
    monkeypatch.delenv("CRDS_PATH", raising=False)
    raw(tmp_path / "in" / "a.fits")
    raw(tmp_path / "in" / "b.fits", observation=7, TARGNAME="IC 1", TARGPROP="IC1", offset=(200, 0))
    (tmp_path / "in" / "c.fits").write_bytes(b"")
    arguments = ["adopt", str(tmp_path / "in"), "--out", str(tmp_path / "ws")]
    asked = CliRunner().invoke(app, [*arguments, "--dry-run"])
    assert isinstance(asked.exception, PlanError) and "c.fits: empty" in asked.stdout
    text = str(asked.exception)
    assert "2 fields, up to 200 arcsec apart" in text and "observation 7 (IC 1, 1 exposure)" in text
    assert "--background OBSERVATION" in text and not (tmp_path / "ws").exists()
    shown = CliRunner().invoke(app, [*arguments, "--dry-run", "--background", "7", "--json"])
    assert [row[0] for row in json.loads(shown.stdout)["files"]].count("background") == 1
    done = CliRunner().invoke(app, [*arguments, "--background", "7"])
    assert "2 x hard link. Next: mrskit references --real" in done.stdout and "CRDS_PATH is not set" in done.stdout
