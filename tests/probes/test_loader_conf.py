"""What ldconfig will put into the cache of an image that has none."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import Unknown
from envdoctor.probes.loader import Process
from envdoctor.probes.loader_conf import configured_folders, parse_loader_conf
from envdoctor.system.oci import open_image
from envdoctor.system.port import Missing
from tests.hostile.packing import entries_of_docker_save, layer_of_files, write_archive
from tests.machines import LINUX, Machine
from tests.system.made_libraries import elf_with

CONF = {
    "/etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n/usr/lib/own  # a remark\n",
    "/etc/ld.so.conf.d/000_cuda.conf": "/usr/local/cuda/targets/x86_64-linux/lib\n",
    "/etc/ld.so.conf.d/nvidia.conf": "/usr/local/nvidia/lib:/usr/local/nvidia/lib64\n",
    "/etc/ld.so.conf.d/other.txt": "/nowhere\n",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("# nothing\n\n", ()),
        ("/a/b\n/c, /d:/e\t/f=libc5\n", tuple(("folder", one) for one in ("/a/b", "/c", "/d", "/e", "/f"))),
        ("include a/*.conf b.conf\nhwcap 1 x\nrelative\n", (("include", "a/*.conf"), ("include", "b.conf"))),
    ],
)
def test_lines(text: str, expected: tuple[tuple[str, str], ...]) -> None:
    assert parse_loader_conf(text) == expected


def test_folders_of_an_image() -> None:
    assert configured_folders(Machine(CONF)) == (
        "/usr/local/cuda/targets/x86_64-linux/lib", "/usr/local/nvidia/lib", "/usr/local/nvidia/lib64", "/usr/lib/own",
    )  # fmt: skip


def test_a_machine_that_runs_has_a_cache_or_uses_none() -> None:
    assert configured_folders(Machine(CONF, host={"uname": LINUX})) == ()


def test_files_that_include_each_other() -> None:
    assert configured_folders(Machine({"/etc/ld.so.conf": "include /etc/*.conf\ninclude ld.so.conf\n/a\n"})) == ("/a",)


def test_a_library_of_an_image_without_a_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("image")
    library = elf_with({".text": b"x"})
    files = {name[1:]: text for name, text in CONF.items()} | {"usr/local/nvidia/lib64/libcudart.so.12": library}
    image = open_image(write_archive(folder / "i.tar", entries_of_docker_save([layer_of_files(files)])))
    with pytest.raises(Missing):
        image.loader_cache("libcudart.so.12")
    found = Process(image, "x86_64").open_name("libcudart.so.12")
    assert found is not None
    assert not isinstance(found.binary, Unknown)
    assert (found.place.path, found.place.way) == ("/usr/local/nvidia/lib64/libcudart.so.12", "ld.so.conf")
    assert Process(image, "x86_64").open_name("libcublas.so.12") is None
