"""Modules built against NumPy 1 beside NumPy 2."""

from __future__ import annotations

from typing import Any

from envdoctor.model.libraries import NumpyModule
from envdoctor.probes.numpy_modules import PACKAGES_LIMIT, probe_numpy_modules
from envdoctor.probes.packages import probe_packages
from envdoctor.probes.site_packages import open_sites
from envdoctor.system.port import Malformed
from tests.probes.environments import SITE, Box, distribution


class Modules(Box):
    """A machine whose modules were built against stated releases of NumPy."""

    majors: dict[str, int | None]

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        if kind != "numpy_major":
            return super().answer(kind, key, *question)
        if key not in self.majors:
            raise Malformed(key, "no library")
        return self.majors[key]


def probed(majors: dict[str, int | None], files: dict[str, str], **options: bool) -> tuple[NumpyModule, ...]:
    box = Modules(files)
    box.majors = {f"{SITE}/{path}": major for path, major in majors.items()}
    sites = open_sites(box, (SITE,))
    assert isinstance(sites, tuple)
    return probe_numpy_modules(box, tuple(probe_packages(box, sites)), **options)


def package(name: str, needs: str, *modules: str) -> dict[str, str]:
    record = "".join(f"{module},sha256=x,1000\n" for module in (*modules, f"{name}/__init__.py"))
    return distribution(name, "1.0", needs, RECORD=record)


NUMPY2, NUMPY1 = distribution("numpy", "2.1.0"), distribution("numpy", "1.26.4")
OLD = package("old", "numpy>=1.20", "old/_plain.so", "old/_broken.so", "old/_core.so", "old.libs/libx.so")


def test_the_first_module_that_uses_numpy() -> None:
    majors = {"old/_plain.so": None, "old/_core.so": 1, "old.libs/libx.so": 1}
    assert probed(majors, NUMPY2 | OLD) == (NumpyModule("old", f"{SITE}/old/_core.so", 1),)
    assert probed(majors, NUMPY1 | OLD) == ()
    assert probed({}, NUMPY2 | OLD) == ()


def test_who_is_asked() -> None:
    files = NUMPY2 | package("new", "numpy>=2", "new/_a.so") | package("other", "numpydoc", "other/_a.so")
    files |= package("extra", "numpy; extra == 'x'", "extra/_a.so") | package("mine", "numpy (<3,>=1.7)", "mine/_a.so")
    found = probed({f"{name}/_a.so": 1 for name in ("new", "other", "extra", "mine")}, files)
    assert [module.package for module in found] == ["mine"]


def test_a_long_list_is_looked_at_whole_only_with_deep() -> None:
    names = [f"p{number}" for number in range(PACKAGES_LIMIT + 3)]
    files = dict(NUMPY2)
    for name in names:
        files |= package(name, "numpy", f"{name}/_a.so")
    majors: dict[str, int | None] = {f"{name}/_a.so": 2 for name in names}
    assert len(probed(majors, files)) == PACKAGES_LIMIT
    assert len(probed(majors, files, deep=True)) == len(names)
