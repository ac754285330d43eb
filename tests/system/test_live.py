"""Live on this very machine: what the contract over a small tree cannot show."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from envdoctor.system.commands import OUTPUT_LIMIT_BYTES
from envdoctor.system.host import QUERIES
from envdoctor.system.live import Live
from envdoctor.system.port import Denied, Malformed, Missing, SourceError, TimedOut, Unsupported

linux = pytest.mark.skipif(sys.platform != "linux", reason="files of the Linux kernel")
posix = pytest.mark.skipif(os.name != "posix", reason="process groups")


@linux
def test_files_of_the_kernel_are_read_whole() -> None:
    assert Live().stat("/proc/self/status").size_bytes == 0
    assert "VmRSS" in Live().read("/proc/self/status")
    assert Live().headers("/proc/self/status").startswith("Name:")


@linux
@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_devices_are_refused_unopened(path: str) -> None:
    with pytest.raises(Malformed):
        Live().read(path)
    assert Live().stat("/dev/zero").device == "1:5"


@posix
def test_no_permission(tmp_path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "closed").write_text("x")
    (tmp_path / "closed").chmod(0)
    with pytest.raises(Denied):
        Live().read(str(tmp_path / "closed"))


def test_usage() -> None:
    found = Live().usage(os.path.abspath(os.sep).replace("\\", "/"))
    assert 0 <= found.free_bytes <= found.total_bytes
    with pytest.raises(Missing):
        Live().usage(os.path.abspath("/no such place"))


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_command() -> None:
    code = (
        "import os, sys; print(os.environ['LC_ALL'], os.getcwd() == os.path.abspath(os.sep), sys.stdin.read() == ''); sys.exit(4)"
    )
    found = Live().run(python(code))
    assert (found.status, found.stdout.split(), found.stderr) == (4, ["C", "True", "True"], "")


def test_arguments_are_not_for_a_shell() -> None:
    assert Live().run((*python("import sys; print(sys.argv[1:])"), "$(id)", "a b; c", "*")).stdout == "['$(id)', 'a b; c', '*']\n"


@pytest.mark.parametrize(
    ("argv", "error"), [(("no-such-command-anywhere",), Missing), ((), Missing), (("/",), Denied), (("nul\0in it",), Malformed)]
)
def test_commands_that_cannot_start(argv: tuple[str, ...], error: type[SourceError]) -> None:
    with pytest.raises(error):
        Live().run(argv)


def test_too_much_output() -> None:
    with pytest.raises(Malformed):
        Live().run(python(f"import sys; sys.stdout.write('x' * {OUTPUT_LIMIT_BYTES + 1})"), timeout_s=60)


@posix
def test_time_limit_ends_children_too(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    child = f"import time; time.sleep(1); open({str(mark)!r}, 'w')"
    with pytest.raises(TimedOut):
        Live().run(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"), timeout_s=0.5)
    threading.Event().wait(1.4)
    assert not mark.exists()


@posix
def test_a_child_that_lives_on_is_not_waited_for() -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)']); print('done')"
    assert Live().run(python(code), timeout_s=25).stdout == "done\n"


def test_many_threads() -> None:
    live, path, seen = Live(), os.path.abspath(__file__).replace("\\", "/"), []
    threads = [
        threading.Thread(target=lambda: seen.append((live.read(path), live.run(python("print(1)")).stdout))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


@pytest.mark.parametrize("query", sorted(set(QUERIES) - {"cpu"}))
def test_host_questions(query: str) -> None:
    try:
        answer = Live().host(query)
    except Unsupported:
        assert query not in {"uname", "python", "user", "cwd", "temporary_folder", "memory"}
        return
    assert answer is not None


def test_host_knows_this_interpreter() -> None:
    answer = Live().host("python")
    assert answer["version"].startswith("{}.{}.{}".format(*sys.version_info[:3]))
    assert answer["prefix"] == sys.prefix.replace("\\", "/")
    assert answer["soabi"]
    assert set(answer["site_packages"]) <= set(answer["sys_path"])


def test_start_up_loads_nothing_heavy() -> None:
    heavy = {
        "subprocess", "ctypes", "pynvml", "psutil", "cpuinfo", "dataclasses", "inspect", "pathlib", "tempfile", "shutil",
        "json", "hashlib", "importlib.metadata", "logging", "socket", "threading", "signal",
    }  # fmt: skip
    code = (
        "import sys, packaging.version; before = set(sys.modules);"
        "from envdoctor.system.live import Live; Live().read('/proc/version');"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) & heavy == set()
