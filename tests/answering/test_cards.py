"""Cards of answers: what a notebook shows and what programs read."""

from jupyter_client.manager import start_new_kernel

from mrskit.answering.answer_files import MIME

SHOWN = """
from mrskit.answering import cards
cards.show(cards.Card("✔", "Recorded", ()), {"id": "01-context"})
"""


def test_the_record_of_an_answer_leaves_a_cell_that_captures_what_it_shows():
    for magic in ("", "%%capture\n", "%%capture shown\n"):
        messages = []
        manager, client = start_new_kernel(kernel_name="python3")
        try:
            client.execute_interactive(magic + SHOWN.strip(), timeout=60, output_hook=messages.append)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        bundles = [item["content"]["data"] for item in messages if item["msg_type"] == "display_data"]
        assert [bundle.get(MIME) for bundle in bundles] == [{"id": "01-context"}], (magic, messages)
