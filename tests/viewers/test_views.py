"""Widgets, windows and static figures show the same view of a product."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backend_bases import MouseEvent
from PIL import Image

from mrskit import viewers
from mrskit.errors import ViewerError
from mrskit.viewers import content, notebook, panels, window


@pytest.mark.parametrize("suffix", ["uncal", "rate", "s3d", "x1d"])
def test_without_a_front_end_every_product_is_a_static_figure_with_alternative_text(products, space, suffix):
    viewers.slices(products[suffix])
    with Image.open(space.plots / f"view-a_{suffix}.png") as picture:
        assert picture.text["Description"].startswith("Simulated data. ")
        assert picture.size[0] <= 1400


def test_the_ramp_viewer_begins_at_the_brightest_trace_and_has_a_slider_for_each_axis(products):
    sliders = {control.name: control for control in panels.controls(content.read(products["uncal"]))}
    assert list(sliders) == ["plane", "integration", "row", "column"]
    assert (sliders["plane"].high, sliders["integration"].high) == (5, 1)
    assert sliders["column"].value == 9


def test_the_cube_viewer_draws_the_spectrum_of_the_chosen_spaxel(products, space):
    figure, found = plt.figure(), content.read(products["s3d"])
    panels.draw(figure, found, plane=30, row=4, column=6)
    curve = figure.axes[1].lines[0]
    np.testing.assert_allclose(curve.get_ydata(), found.data[:, 4, 6])
    assert curve.get_xdata()[30] == pytest.approx(7.8)
    assert "7.8000 µm" in figure.axes[0].get_title(loc="left")
    assert "SIMULATED" in figure.get_suptitle()


def test_a_click_into_the_image_chooses_the_pixel(products, space):
    figure, sliders = window.open_window(products["s3d"], block=False)
    figure.canvas.draw()
    view = figure.subfigs[0]
    x, y = view.axes[0].transData.transform((3, 8))
    figure.canvas.callbacks.process("button_press_event", MouseEvent("button_press_event", figure.canvas, x, y, 1))
    assert (sliders["row"].val, sliders["column"].val) == (8, 3)
    assert "row 8, column 3" in view.axes[1].get_title(loc="left")


def test_widgets_move_the_picture_and_a_click_moves_the_widgets(products, space, monkeypatch):
    drawn, shown = [], []
    monkeypatch.setenv(notebook.SWITCH, "live")
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setattr(panels, "draw", lambda figure, found, **values: drawn.append(values))
    viewers.slices(products["uncal"])
    boxes = {box.description: box for box in shown[-1].children if hasattr(box, "max")}
    boxes["group"].value = 2
    assert drawn[-1] | {"plane": 2} == drawn[-1] and drawn[-2]["plane"] == 4
    figure = plt.figure()
    axis = figure.subplots()
    click = SimpleNamespace(canvas=figure.canvas, inaxes=axis, xdata=12.4, ydata=7.6)
    notebook.choose_pixel(click, {"row": boxes["row"], "column": boxes["column"]})
    assert (boxes["row"].value, boxes["column"].value) == (8, 12)


def test_a_blink_shows_the_frames_one_after_the_other_on_one_scale(space, monkeypatch):
    shown = []
    monkeypatch.setenv(notebook.SWITCH, "live")
    monkeypatch.setattr("IPython.display.display", shown.append)
    images = {"Science": np.eye(50), "Background": np.zeros((50, 50))}
    viewers.blink(images, (0, 20, 10, 40), "Signal (DN)", "00-blink", "Two windows of the same place.", True)
    assert (space.plots / "00-blink.png").is_file()
    assert [type(part).__name__ for part in shown[-1].children[:2]] == ["Play", "IntSlider"]
    figure = plt.figure()
    limits = []
    for frame, title in enumerate(images):
        panels.draw_blink(figure, images, frame, (0, 20, 10, 40), "Signal (DN)")
        limits.append(figure.axes[0].images[0].get_clim())
        assert title in figure.axes[0].get_title(loc="left")
    assert limits[0] == limits[1]


def test_the_switch_knows_three_words(monkeypatch):
    monkeypatch.setenv(notebook.SWITCH, "static")
    assert not viewers.is_live()
    monkeypatch.setenv(notebook.SWITCH, "alive")
    with pytest.raises(ViewerError, match="expected one of live, sliders, static"):
        viewers.is_live()


def test_a_kernel_knows_whether_somebody_is_there(tmp_path):
    """Papermill and nbconvert run cells through nbclient, which takes no input; JupyterLab asks with allow_stdin."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        answers = []
        for allowed in (True, False):
            code = "from mrskit import viewers\nprint(viewers.is_live())"
            client.execute_interactive(
                code, allow_stdin=allowed, stdin_hook=lambda message: None, timeout=60,
                output_hook=lambda message: answers.append(message["content"].get("text", "")),
            )  # fmt: skip
        assert [text.strip() for text in answers if text.strip()] == ["True", "False"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_command_writes_a_picture_and_falls_back_to_it_without_ds9(products, tmp_path):
    command = [Path(sys.executable).with_name("mrskit"), "view"]
    nothing = {"PATH": str(tmp_path), "HOME": str(tmp_path), "MPLBACKEND": "agg"}
    answer = subprocess.run([*command, "--ds9", products["uncal"]], capture_output=True, text=True, env=nothing,
                            cwd=tmp_path, check=True)  # fmt: skip
    assert "apt-get install saods9" in answer.stderr and "Traceback" not in answer.stderr
    assert (tmp_path / "a_uncal.png").is_file()
    subprocess.run([*command, products["x1d"], "--save", tmp_path / "one.png"], env=nothing, check=True)
    assert (tmp_path / "one.png").is_file()
    missing = subprocess.run([*command, tmp_path / "no_rate.fits"], capture_output=True, text=True, env=nothing)
    assert missing.returncode == 1 and "no such file" in missing.stderr


def test_a_product_is_served_to_a_browser_on_this_computer_alone(products):
    command = [Path(sys.executable).with_name("mrskit"), "view", "--browser", "--no-open", products["s3d"]]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=60) as answer:
            assert "mpl" in answer.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
