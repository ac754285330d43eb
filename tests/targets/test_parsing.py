"""Reading `--target`."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.errors import BadInput
from envdoctor.knowledge.distributions import distribution_ids
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.target import Target
from envdoctor.targets.parsing import DISTRIBUTIONS, parse_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("gpu=NVIDIA H100,driver=550.54.15", Target(gpu="NVIDIA H100", driver=Version("550.54.15"))),
        ("gpu=NVIDIA H100, count=8, memory=80GiB", Target(gpu="NVIDIA H100", count=8, memory_bytes=80 * 2**30)),
        ("gpu=none", Target(gpu="none")),
        ("gpu=NONE", Target(gpu="none")),
        ("driver=535", Target(driver=Version("535"))),
        ("os=linux,machine=AMD64,glibc=2.31", Target(os="linux", machine="x86_64", glibc=Version("2.31"))),
        ("os=macos 13,machine=arm64,python=3.12", Target(os="macos", os_version="13", machine="arm64", python=Version("3.12"))),
        ("os=macos,os_version=14.5", Target(os="macos", os_version="14.5")),
        ("OS=Windows,OS-Version=10.0.22631", Target(os="windows", os_version="10.0.22631")),
        ("os=alpine,python=3.12", Target(os="linux", distribution="alpine", python=Version("3.12"))),
        ("os=ubuntu 22.04", Target(os="linux", distribution="ubuntu", os_version="22.04")),
        ("os=redhat 9", Target(os="linux", distribution="rhel", os_version="9")),
        ("os=darwin", Target(os="macos")),
        ("os=wsl", Target(os="linux", wsl=2)),
        ("os=WSL1", Target(os="linux", wsl=1)),
        ("cpu=x86-64-v3", Target(cpu_level=3)),
        ("cpu=v2", Target(cpu_level=2)),
        (
            "gpu=Radeon RX 7900 XT, the second,driver=580.65.06",
            Target(gpu="Radeon RX 7900 XT, the second", driver=Version("580.65.06")),
        ),
        ("gpu=x=y", Target(gpu="x=y")),
    ],
)
def test_what_is_stated(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["empty", "key=value"]),
        (",gpu=a", ["empty"]),
        ("gpus=NVIDIA H100", ["'gpus'", "did you mean gpu?"]),
        ("drivr=550", ["did you mean driver?"]),
        ("xyzzy=1", ["known: gpu, driver"]),
        ("NVIDIA H100", ["'NVIDIA H100'"]),
        ("gpu", ["gpu: no value", "gpu=NVIDIA A100"]),
        ("gpu=", ["gpu: nothing after", "gpu=NVIDIA A100"]),
        ("gpu=a,gpu=b", ["gpu: stated twice"]),
        ("driver=new", ["driver: 'new' is no version"]),
        ("count=0", ["count: '0'", "1 to 1024"]),
        ("count=many", ["count:"]),
        ("memory=80", ["memory:", "unit"]),
        ("memory=lots", ["memory:", "16 GiB"]),
        ("os=linx", ["os: 'linx'", "did you mean linux?"]),
        ("os=ubunto 22.04", ["did you mean ubuntu?"]),
        ("os=ubuntu jammy", ["os: 'jammy' is no version"]),
        ("os=plan9", ["known: linux, windows, macos"]),
        ("machine=x86_46", ["did you mean x86_64?"]),
        ("machine=sparc", ["known: x86_64, aarch64, arm64"]),
        ("glibc=musl", ["glibc: 'musl' is no version"]),
        ("python=2.7", ["python: '2.7'", "3.12"]),
        ("python=3.13u", ["python:"]),
        ("cpu=v9", ["cpu:", "x86-64-v4"]),
        ("gpu=" + "x" * 3000, ["longer than 2000"]),
    ],
)
def test_mistakes_are_one_line_that_helps(text: str, words: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        parse_target(text)
    message = str(caught.value)
    assert message.startswith("--target: ")
    assert "\n" not in message
    assert len(message) < 300
    for word in words:
        assert word in message


def test_distributions_are_those_of_the_knowledge_base(knowledge: Knowledge) -> None:
    assert set(DISTRIBUTIONS.values()) == set(distribution_ids(knowledge))


PARTS = st.one_of(
    st.text(max_size=20),
    st.builds(
        "{}={}".format, st.sampled_from(["gpu", "driver", "os", "count", "memory", "python", "cpu", "x"]), st.text(max_size=15)
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=6).map(",".join))
def test_any_text_is_a_target_or_a_mistake(text: str) -> None:
    message = ""
    try:
        parse_target(text)
    except BadInput as mistake:
        message = str(mistake)
    assert "\n" not in message
    assert not message or message.startswith("--target: ")


def test_a_free_threaded_python_and_rare_processors() -> None:
    found = parse_target("python=3.13t,machine=ppc64le")
    assert (str(found.python), found.free_threaded, found.machine) == ("3.13", True, "ppc64le")
    assert not parse_target("python=3.13").free_threaded
