from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.execution.oom import OutOfMemoryWatch


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.mark.parametrize(
    ("cgroup", "counter", "layout"),
    [
        ("0::/user/run\n", "sys/fs/cgroup/user/run/memory.events", "oom 1\noom_kill {}\n"),
        ("0::/\n", "sys/fs/cgroup/memory.events", "low 0\noom_kill {}\noom_group_kill 0\n"),
        (
            "4:memory:/job\n1:cpu:/\n0::/\n",
            "sys/fs/cgroup/memory/job/memory.oom_control",
            "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n",
        ),
        (
            "4:memory:/docker/1f\n",
            "sys/fs/cgroup/memory/memory.oom_control",
            "under_oom 0\noom_kill {}\n",
        ),
        ("", "proc/vmstat", "nr_free_pages 10\noom_kill {}\n"),
    ],
    ids=["group 2", "group 2 in a container", "group 1", "group 1 in a container", "machine"],
)
def test_a_kill_for_memory_is_noticed(
    tmp_path: Path, cgroup: str, counter: str, layout: str
) -> None:
    write(tmp_path, "proc/self/cgroup", cgroup)
    write(tmp_path, counter, layout.format(3))
    watch = OutOfMemoryWatch(tmp_path)
    assert not watch.rose()
    write(tmp_path, counter, layout.format(4))
    assert watch.rose()


def test_a_system_without_counters_reports_nothing(tmp_path: Path) -> None:
    assert not OutOfMemoryWatch(tmp_path).rose()
