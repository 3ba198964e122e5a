"""What an executed notebook shows of its outputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution import output_room

if TYPE_CHECKING:
    from tests.integration.engine.conftest import Bench


def test_a_display_is_updated_where_it_stands_also_from_a_later_cell(bench: Bench) -> None:
    done = bench.run(
        "from IPython.display import display, update_display\n"
        "h = display('first', display_id='a'); print('between'); h.display('again')",
        "update_display('second', display_id='a')",
    )
    outputs = done.code[0].outputs
    assert [output.output_type for output in outputs] == ["display_data", "stream", "display_data"]
    assert [outputs[0].data["text/plain"], outputs[2].data["text/plain"]] == ["'second'"] * 2
    assert done.code[1].outputs == []


def test_clearing_waits_for_the_next_output_when_asked_to(bench: Bench) -> None:
    done = bench.run(
        "from IPython.display import clear_output\nprint('old'); clear_output(wait=True)",
        "print('old'); clear_output(wait=True); print('new')",
        "print('old'); clear_output()",
        "for n in range(300):\n    clear_output(wait=True); print('frame', n); display(n)",
    )
    assert [done.text(index) for index in range(4)] == ["old\n", "new\n", "", "frame 299\n"]
    assert len(done.code[3].outputs) == 2


def test_a_cleared_display_can_no_longer_be_updated(bench: Bench) -> None:
    done = bench.run(
        "from IPython.display import clear_output, display, update_display\n"
        "display('a', display_id='x'); clear_output(); display('b', display_id='x')\n"
        "update_display('c', display_id='x')",
    )
    [output] = done.code[0].outputs
    assert output.data["text/plain"] == "'c'"


def test_streams_keep_their_order_and_are_joined_while_they_do_not_change(bench: Bench) -> None:
    done = bench.run(
        "import sys\n"
        "for n in range(3): print(n, flush=True)\n"
        "print('warn', file=sys.stderr, flush=True)\n"
        "print('end', flush=True)",
    )
    assert [(output.name, output.text) for output in done.code[0].outputs] == [
        ("stdout", "0\n1\n2\n"),
        ("stderr", "warn\n"),
        ("stdout", "end\n"),
    ]


def test_streams_that_alternate_for_ever_do_not_pile_up_outputs(bench: Bench) -> None:
    done = bench.run(
        "import sys\nfor n in range(400):\n"
        "    print(n, flush=True)\n    print(n, file=sys.stderr, flush=True)"
    )
    outputs = done.code[0].outputs
    assert len(outputs) <= 101
    for name in ("stdout", "stderr"):
        text = "".join(output.text for output in outputs if output.name == name)
        assert text.split() == [str(n) for n in range(400)]


def test_displays_beyond_a_thousand_are_counted_and_left_out(bench: Bench) -> None:
    done = bench.run(
        "from IPython.display import display\n"
        "print('before')\n"
        "for n in range(2500): display(n)\n"
        "print('after')\n"
        "'result'",
        "from IPython.display import clear_output, display\n"
        "for n in range(1200): display(n)\n"
        "clear_output()\n"
        "for n in range(3): display(n)",
    )
    printed, *shown, left_out, result = done.code[0].outputs
    assert printed.text == "before\nafter\n"
    assert [output.data["text/plain"] for output in shown] == [str(n) for n in range(1000)]
    assert "1,500 more outputs of this cell are left out" in left_out.text
    assert result.data["text/plain"] == "'result'"
    assert [output.data["text/plain"] for output in done.code[1].outputs] == ["0", "1", "2"]


def test_a_cell_keeps_so_many_bytes_of_displays_and_says_what_it_leaves_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_room, "BYTES_MAX", 1_000_000)
    done = bench.run(
        "from IPython.display import display\n"
        "def show(char, size=300_000, **more):\n"
        "    return display({'text/plain': char * size}, raw=True, **more)",
        "for char in 'abcde': show(char)\nshow('f', 50_000)\nprint('after')",
        "h = show('a', display_id=True)\nshow('b')\n"
        "h.update({'text/plain': 'c' * 2_000_000}, raw=True)\n"
        "h.update({'text/plain': 'd'}, raw=True)\nfor _ in range(2): show('e')",
        "from IPython.display import clear_output\n"
        "show('a', 900_000)\nclear_output()\nshow('b', 900_000)",
        "show('g', 9_000_000)\n1/0",
    )

    def shown(cell: int) -> str:
        outputs = done.code[cell].outputs
        return "".join(output.data["text/plain"][0] for output in outputs if "data" in output)

    assert (shown(1), shown(2), shown(3), shown(4)) == ("abcf", "dbee", "b", "")
    left_out = [
        output.text
        for cell in done.code[1:]
        for output in cell.outputs
        if "left out" in output.get("text", "")
    ]
    assert left_out == [
        f"[... {count} more outputs of this cell are left out; "
        "up to 1,000 outputs and 1 MB are kept ...]\n"
        for count in (2, 1, 1)
    ]
    assert done.code[4].outputs[-1].ename == "ZeroDivisionError"


def test_a_progress_bar_leaves_one_line_in_notebook_and_log(bench: Bench) -> None:
    done = bench.run(
        "import sys\nfor n in range(5001):\n"
        "    sys.stdout.write(f'\\rstep {n} of 5000'); sys.stdout.flush()\nprint()",
    )
    assert done.text(0) == "step 5000 of 5000\n"
    assert done.log.splitlines().count("step 5000 of 5000") == 1
    assert len(done.log.splitlines()) < 20


def test_long_output_is_cut_in_the_notebook_and_whole_in_the_log(bench: Bench) -> None:
    done = bench.run("for n in range(60_000): print(n, 'x' * 50)\nprint('end', flush=True)")
    text = done.text(0)
    assert text.startswith("0 xxxx")
    assert text.endswith("xxx\nend\n")
    assert len(text) < 2_200_000
    assert "left out here; see the log of the run" in text
    numbers = [line.split()[0] for line in done.log.splitlines() if line.endswith("xxx")]
    assert numbers == [str(n) for n in range(60_000)]


def test_a_message_of_many_megabytes_is_read_whole(bench: Bench) -> None:
    # One write, so one message; escapes and characters of two and four bytes at the edges.
    done = bench.run(
        "import sys\nline = 'é\\\\\\\\\\t\\U0001f600' * 100 + '\\n'\n"
        "sys.stdout.write(line * 20_000); sys.stdout.flush()"
    )
    expected = "é\\\\\t\U0001f600" * 100
    printed = [line for line in done.log.split("\n") if line.startswith("é")]
    assert len(printed) == 20_000
    assert set(printed) == {expected}


def test_no_output_is_lost_when_the_machine_is_too_busy_to_read(bench: Bench) -> None:
    # ZeroMQ drops messages once 1,000 wait; here 3,000 wait while the reader is suspended.
    done = bench.run(
        "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n"
        "try:\n    for n in range(3_000): print(n, flush=True)\n"
        "finally:\n    os.kill(os.getppid(), signal.SIGCONT)\nprint('end')"
    )
    assert done.text(0).split() == [*map(str, range(3_000)), "end"]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_what_papermill_gives_up_on_finishes_whole(bench: Bench) -> None:
    done = bench.run(
        "for n in range(200_000): print(n, flush=True)",
        "import sys\nfor n in range(50_001):\n"
        "    sys.stdout.write(f'\\rstep {n}'); sys.stdout.flush()",
        "for n in range(3_000): print('x' * 100_000)",
    )
    assert done.states == ["completed"] * 3
    assert [line for line in done.log.splitlines() if line.isdecimal()] == [
        *map(str, range(200_000))
    ]
    assert done.text(1) == "step 50000"
    assert len(done.text(2)) < 2_200_000


def test_what_a_task_prints_later_belongs_to_the_cell_that_started_it(bench: Bench) -> None:
    done = bench.run(
        "import asyncio\nasync def late():\n    await asyncio.sleep(.2)\n    print('late')\n"
        "task = asyncio.create_task(late())\nprint('early')",
        "await task\nprint('second')",
    )
    assert done.text(0) == "early\nlate\n"
    assert done.text(1) == "second\n"


def test_odd_data_becomes_a_valid_notebook(bench: Bench) -> None:
    done = bench.run(
        "from IPython.display import publish_display_data as show\n"
        "show({'text/plain': ['a\\n', 'b'], 'application/json': [1, {'x': None}]})\n"
        "show({'text/plain': 5, 'image/png': {'not': 'text'}})\n"
        "show({'application/json': float('nan')})\n"
        "show({'text/plain': 'note'}, metadata={'text/plain': {'a': [1]}})\n"
        "show({})",
    )
    assert done.outcome.status is RunStatus.FINISHED
    first, second = done.code[0].outputs[:2]
    assert first.data["text/plain"] == "a\nb"
    assert first.data["application/json"] == [1, {"x": None}]
    assert second.data["text/plain"] == "5"
    assert json.loads(second.data["image/png"]) == {"not": "text"}
    assert done.code[0].outputs[-2].metadata == {"text/plain": {"a": [1]}}


def test_results_images_and_markdown_are_kept_as_they_came(bench: Bench) -> None:
    done = bench.run(
        "from IPython.display import Markdown, display\nimport base64\n"
        "png = base64.b64encode(bytes(range(256)) * 4000).decode()\n"
        "display({'image/png': png, 'text/plain': 'figure'}, raw=True)\n"
        "display(Markdown('# Title\\n\\nText'))\nlen(png)",
    )
    image, markdown, result = done.code[0].outputs
    assert len(image.data["image/png"]) == int(result.data["text/plain"])
    assert markdown.data["text/markdown"] == "# Title\n\nText"
    assert result.execution_count == done.code[0].execution_count == 1


def state_of(done: Any) -> dict[str, Any]:
    widgets = done.notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]
    assert widgets["version_major"] == 2
    return dict(widgets["state"])


def test_widgets_are_kept_with_their_last_state(bench: Bench) -> None:
    done = bench.run(
        "import ipywidgets\nslider = ipywidgets.IntSlider(value=3)\ndisplay(slider)",
        "slider.value = 7",
        "image = ipywidgets.Image(value=b'bytes')",
    )
    states = state_of(done)
    shown = done.code[0].outputs[0].data["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert states[shown]["state"]["value"] == 7
    assert states[shown]["model_name"] == "IntSliderModel"
    [image] = [state for state in states.values() if state["model_name"] == "ImageModel"]
    assert image["buffers"] == [{"data": "Ynl0ZXM=", "encoding": "base64", "path": ["value"]}]


def test_an_output_widget_captures_what_is_shown_within_it(bench: Bench) -> None:
    done = bench.run(
        "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n"
        "    print('inside')\n    display('shown')\nprint('outside')",
        "print([output['output_type'] for output in out.outputs])",
    )
    assert done.text(0) == "outside\n"
    assert done.text(1) == "['stream', 'display_data']\n"
    [output] = [s for s in state_of(done).values() if s["model_name"] == "OutputModel"]
    assert "".join(output["state"]["outputs"][0]["text"]) == "inside\n"
    assert "inside\n" in done.log
