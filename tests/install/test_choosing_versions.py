"""What decides between versions: preferences, constraints, pre-releases; proofs and derivations; offline."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.errors import BadInput
from envdoctor.install.backends.sources import pip_sources, uv_sources
from envdoctor.install.constraints import parse_constraints
from envdoctor.install.deriving import Grounds, derive_all
from envdoctor.install.expecting import expected_time
from envdoctor.install.planner import Options, plan_install
from envdoctor.install.planner.moving import moves_of, strained
from envdoctor.install.planner.preferring import unsettled_release
from envdoctor.install.planner.wheels import Platform, fitting
from envdoctor.install.settling import settle
from envdoctor.install.unsolvable import Unsolvable, parse_proof
from envdoctor.install.uv_configuration import parse_uv_configuration, uv_settings
from envdoctor.model.facts import Framework, Interpreter, Package, PythonEnvironment, Unknown
from envdoctor.model.offers import IndexSettings, OfferedFile
from envdoctor.model.plan import Archive, Download, Expected, Plan, Refusal, Step
from envdoctor.model.record import replace
from envdoctor.profiles.loading import load_profile
from envdoctor.system.rootfs import Rootfs
from tests.install.planning import KNOWLEDGE, machine, offers, package_index, python, wheel

TODAY = "2026-11-22"
TORCH = ("torch", "torchvision", "torchaudio", "numpy")
HERE = fitting(Version("3.11.7"), "cp311", Platform("linux", "x86_64", "glibc", Version("2.36")))


def plan(options: Options, files: dict[str, tuple[OfferedFile, ...]], environment: PythonEnvironment | None = None) -> Plan:
    outcome = plan_install(machine(environment=environment), load_profile("pytorch-cpu"), KNOWLEDGE, offers(files), options)
    assert isinstance(outcome, Plan), outcome
    return outcome


def torch_line(outcome: Plan) -> str:
    return next(line for step in outcome.steps for line in step.requirements if line.startswith("torch="))


def cpu_wheels(*versions: str, uploaded: str | None = None) -> dict[str, tuple[OfferedFile, ...]]:
    return {"torch": tuple(replace(wheel("torch", f"{one}+cpu", origin="/w"), uploaded=uploaded) for one in versions)}


def existing(torch: str) -> PythonEnvironment:
    packages = (Package("torch", Version(torch)), Package("pip", Version("25.0")))
    frameworks = (Framework("torch", Version(torch), "cpu", distribution="torch"),)
    return PythonEnvironment(
        "/e", "venv", "--python", Interpreter("/e/bin/python", Version("3.11.7"), abi="cp311"), packages, frameworks
    )


@pytest.mark.parametrize(
    ("prefer", "environment", "expected"),
    [
        ("newest", None, "torch==2.9.1+cpu"),
        ("auto", existing("2.8.0+cpu"), "torch==2.8.0+cpu"),
        ("minimal-change", existing("2.8.0+cpu"), "torch==2.8.0+cpu"),
        ("newest", existing("2.8.0+cpu"), "torch==2.9.1+cpu"),
        ("minimal-change", existing("1.13.0+cpu"), "torch==2.9.1+cpu"),  # older than the profile's range
    ],
)
def test_what_is_there_stays_where_that_is_preferred(prefer: str, environment: PythonEnvironment | None, expected: str) -> None:
    outcome = plan(Options("/e", prefer=prefer, today=TODAY), cpu_wheels("2.9.1", "2.8.0"), environment)
    assert torch_line(outcome) == expected


@pytest.mark.parametrize(("uploaded", "expected"), [("2026-11-20T00:00:00Z", "2.8.0"), ("2026-09-01", "2.9.1"), (None, "2.8.0")])
def test_stable_waits_four_weeks_or_for_a_second_release(uploaded: str | None, expected: str) -> None:
    files = cpu_wheels("2.8.0", uploaded="2025-08-01")["torch"] + cpu_wheels("2.9.1", uploaded=uploaded)["torch"]
    assert torch_line(plan(Options("/e", prefer="stable", today=TODAY), {"torch": files})) == f"torch=={expected}+cpu"


@pytest.mark.parametrize(
    ("version", "uploaded", "others", "young"),
    [
        ("2.1.0", None, ("2.0.0", "2.1.0"), True),
        ("2.1.1", None, ("2.0.0", "2.1.0", "2.1.1"), False),
        ("2.0.0", None, ("2.0.0", "2.1.0"), False),
        ("2.1.0", "2026-11-01", ("2.1.0",), True),
        ("2.1.0", "2026-10-01", ("2.1.0",), False),
        ("2.1.0", "not a date", ("2.1.0",), True),
    ],
)
def test_what_is_too_young(version: str, uploaded: str | None, others: tuple[str, ...], young: bool) -> None:
    assert (unsettled_release(Version(version), uploaded, map(Version, others), TODAY) is not None) is young


def test_constraints_bound_the_choice() -> None:
    bounds = parse_constraints("torch<2.9  # why\n-c other.txt\nnumpy @ https://x/n.whl\n", "c.txt")
    assert bounds == {"torch": SpecifierSet("<2.9")}
    assert torch_line(plan(Options("/e", bounds=bounds), cpu_wheels("2.9.1", "2.8.0"))) == "torch==2.8.0+cpu"
    with pytest.raises(BadInput, match=r"c\.txt:2: "):
        parse_constraints("six\n!!\n", "c.txt")


def test_constraints_that_rule_everything_out_are_named_with_each_python_once() -> None:
    settings = IndexSettings(constraints=("/c.txt",))
    wheels = {"jax": tuple(wheel("jax", "0.8.0", f"cp{line}-cp{line}") for line in ("311", "312"))}
    offered = offers(wheels, pythons=(python("3.11.7"), python("3.12.1")), settings=settings)
    options = Options("/e", bounds={"jax": SpecifierSet("<0.3")})
    outcome = plan_install(machine(), load_profile("jax-cpu"), KNOWLEDGE, offered, options)
    assert isinstance(outcome, Refusal)
    assert len(outcome.reasons) == 2
    assert "by a constraints file, <0.3 is not on offer for Python 3.11.7, 3.12.1" in outcome.reasons[0]
    assert [one.what.startswith("Python 3.11.7, 3.12.1") for one in outcome.proof] == [True]
    assert "leave out, or loosen, what constrains it: /c.txt" in outcome.instead


def test_a_pre_release_comes_only_when_asked_for() -> None:
    files = cpu_wheels("2.9.1", "2.10.0rc1")
    assert torch_line(plan(Options("/e"), files)) == "torch==2.9.1+cpu"
    assert torch_line(plan(Options("/e", prereleases=True), files)).startswith("torch==2.10.0rc1")


def test_nightly_is_refused_where_there_is_none() -> None:
    outcome = plan_install(machine(), load_profile("datascience"), KNOWLEDGE, offers(), Options("/e", nightly=True))
    assert isinstance(outcome, Refusal)
    assert "torch and of jax" in outcome.reasons[0]


def test_the_derivation_says_what_excluded_every_other_torch() -> None:
    outcome = plan(Options("/e", explain=True), {**package_index(*TORCH), **cpu_wheels("2.9.1", "2.8.0")})
    (derivation,) = [one for one in outcome.derivations if one.name == "torch"]
    assert derivation.version == "2.9.1+cpu"
    assert all(one.because for one in derivation.excluded)


def download(name: str, version: str, *needs: str, uploaded: str | None = None) -> Download:
    return Download(name, version, 1 << 20, f"https://x/{name}.whl", (Archive("u", "a" * 64, 1, uploaded),), needs)


def test_derivations_name_the_requirement_that_excludes() -> None:
    downloads = (download("numpy", "1.26.4"), download("scipy", "1.11", "numpy<2,>=1.21"))
    page = tuple(wheel("numpy", version) for version in ("1.26.4", "2.0.0", "2.1.0rc1"))
    page += (replace(wheel("numpy", "2.2.0"), requires_python=">=3.12"), wheel("numpy", "2.3.0", "cp314-cp314"))
    step = Step("install-packages", "", "", ("scipy>=1",))
    derived = derive_all(Plan("p", "/e", True, "pip", (), (step,), downloads=downloads), Grounds(HERE, {"numpy": page}))
    numpy = next(one for one in derived if one.name == "numpy")
    assert "scipy 1.11 asks for <2,>=1.21" in numpy.because
    assert {one.what: one.because.partition(" ")[0] for one in numpy.excluded} == {
        "2.3.0": "it", "2.2.0": "it", "2.1.0rc1": "it", "2.0.0": "scipy",
    }  # fmt: skip


UV_PROOF = """error: No solution found when resolving dependencies
  cause: Because all of:
             jax==0.4.31
             jax>=0.4.33
         depend on numpy>=1.24 and you require numpy<1.20, we can conclude that jax>=0.4.31 cannot be used.
         And because you require jax>=0.4.31, we can conclude that your requirements are unsatisfiable.
"""
PIP_PROOF = """ERROR: Cannot install jax because these package versions have conflicting dependencies.

The conflict is caused by:
    The user requested (constraint) numpy<1.20
    jax 0.10.2 depends on numpy>=2.0
"""


@pytest.mark.parametrize(
    ("text", "first", "because"),
    [
        (UV_PROOF, "jax>=0.4.31", "jax==0.4.31, jax>=0.4.33 depend on numpy>=1.24 and you require numpy<1.20"),
        (PIP_PROOF, "numpy<1.20", "it is asked for (constraint)"),
        ("ERROR: Could not find a version that satisfies the requirement six>9 (from versions: 1.0, 1.1)", "six>9",
         "on offer for this Python and platform are only: 1.0, 1.1"),
    ],
)  # fmt: skip
def test_proofs_are_read(text: str, first: str, because: str) -> None:
    proof = parse_proof(text)
    assert (proof[0].what, proof[0].because) == (first, because)


def test_moves_and_strains_of_an_existing_environment() -> None:
    packages = (Package("numpy", Version("1.26.4")), Package("old", Version("1"), ("numpy<2",)), Package("six", Version("1")))
    facts = machine(environment=replace(existing("2.8.0+cpu"), packages=packages))
    downloads = (download("numpy", "2.4.6"), download("new", "1", "numpy>=2.2"))
    assert [(move.name, move.before, move.after) for move in moves_of(facts, downloads)] == [("numpy", "1.26.4", "2.4.6")]
    assert "new 1 asks for >=2.2" in moves_of(facts, downloads)[0].because
    assert list(strained(facts, downloads)) == ["old 1 stays, and asks for numpy<2; the plan brings 2.4.6."]


def test_time_is_a_range_with_its_basis_and_local_files_cost_no_network() -> None:
    made = Plan("p", "/e", True, "pip", (), (), (download("a", "1"),), 1 << 20, 100 << 20)
    expected = expected_time(made, 1)
    assert isinstance(expected, Expected)
    assert 0 < expected.least_s < expected.most_s
    local = expected_time(replace(made, downloads=(replace(download("a", "1"), source="file:///x.whl"),)), 1)
    assert isinstance(local, Expected)
    assert "nothing from a network" in local.basis
    assert isinstance(expected_time(replace(made, downloads=Unknown("no")), 1), Unknown)


def test_settling_resolves_again_below_what_is_young() -> None:
    rounds = [(download("a", "1.9", uploaded="2026-01-01"),)]
    pages = {"a": (wheel("a", "2.0"), wheel("a", "1.9"))}
    first = (download("a", "2.0", uploaded="2026-11-20"),)
    seen: list[str] = []

    def again(step: Step) -> tuple[Download, ...]:
        seen.append(Path(step.constraints[0]).read_text())
        return rounds[0]

    settled = settle(Step("resolve", "", ""), first, again, lambda names: pages, TODAY)
    assert settled.downloads[0].version == "1.9"
    assert seen == ["a<2.0\n"]

    def never(step: Step) -> tuple[Download, ...]:
        raise Unsolvable("no", ())

    kept = settle(Step("resolve", "", ""), first, never, lambda names: pages, TODAY)
    assert kept.downloads == first
    assert kept.note is not None


OFFLINE = IndexSettings("https://pypi.org/simple", ("file:///i/simple",), ("/w", "https://x/links"), offline=True,
                        stated=("extra_index_urls", "find_links"))  # fmt: skip


def test_offline_names_only_what_is_on_this_machine() -> None:
    step = Step("install-packages", "", "")
    assert pip_sources(step, OFFLINE) == ("--index-url", "file:///i/simple", "--find-links", "/w")
    assert pip_sources(step, replace(OFFLINE, extra_index_urls=())) == ("--no-index", "--find-links", "/w")
    assert "--offline" in uv_sources(step, OFFLINE)


def test_what_the_command_line_says_is_passed_on_and_pins_need_no_constraints() -> None:
    settings = IndexSettings(find_links=("/w",), said=("find_links",), constraints=("/c.txt",), prereleases=True)
    asked = Step("install-packages", "", "", ("six",))
    assert pip_sources(asked, settings) == ("--find-links", "/w", "--constraint", "/c.txt", "--pre")
    assert pip_sources(replace(asked, pins=("six==1",)), settings) == ("--find-links", "/w")
    assert uv_sources(asked, replace(settings, uv_variables=("UV_INDEX",)))[:2] == ("--find-links", "/w")


def test_uvs_own_files_are_read(tmp_path: Path) -> None:
    text = '[[index]]\nurl = "https://corp/simple"\ndefault = true\n'
    text += '[[index]]\nname = "x"\nurl = "https://x/simple"\nexplicit = true\n'
    (tmp_path / "project").mkdir()
    (tmp_path / "project/pyproject.toml").write_text('[tool.uv.pip]\nextra-index-url = ["https://more/simple"]\n')
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv/uv.toml").write_text(text)
    system = Rootfs(str(tmp_path), {"XDG_CONFIG_HOME": "/", "HOME": "/home"})
    found = uv_settings(system, IndexSettings(uv_variables=("a file",)), "/project/inside")
    assert found.index_url == "https://corp/simple"
    assert found.extra_index_urls == ("https://more/simple",)
    assert parse_uv_configuration("not toml [", "/uv.toml") == {}
