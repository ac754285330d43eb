"""Plans in which conda has a part: when, with what, in which order, and why."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.install.planner import Options, plan_install
from envdoctor.install.planner.conda_words import channels_for, conda_spec, subdir_of, virtual_packages
from envdoctor.install.planner.wheels import Platform
from envdoctor.model.conda import CondaSettings
from envdoctor.model.facts import Interpreter, Package, PythonEnvironment
from envdoctor.model.offers import OfferedBackend, Offers
from envdoctor.model.plan import Plan, Refusal, Step
from envdoctor.model.profile import Profile
from envdoctor.model.record import replace
from envdoctor.profiles.loading import load_profile
from envdoctor.profiles.values import parse_requirement
from tests.install.planning import KNOWLEDGE, PIP, UV, machine, python

CONDA = OfferedBackend("conda", ("/opt/conda/bin/conda",), Version("24.9.2"), "/opt/conda/bin/conda")
RATTLER = OfferedBackend("rattler", ("/p", "-m", "envdoctor.install.rattler"), Version("0.28.0"), "py-rattler")
OPTIONS = Options("/e")


def offers(*backends: OfferedBackend, settings: CondaSettings | None = None) -> Offers:
    return Offers(pythons=(python("3.11.7"),), backends=(UV, PIP, *backends), conda=settings or CondaSettings())


def profile(*packages: str, conda: tuple[str, ...] = (), backend: str | None = None, python_range: str = ">=3.9") -> Profile:
    from envdoctor.model.ranges import VersionRange

    return Profile(
        "mine", "Mine", packages=tuple(parse_requirement(line) for line in packages), conda_packages=conda,
        conda_channels=("conda-forge",) if conda else (), backend=backend, python=VersionRange(python_range), imports=("x",),
    )  # fmt: skip


def made(asked: Profile, offered: Offers, options: Options = OPTIONS, **facts: object) -> Plan:
    outcome = plan_install(replace(machine(), **facts), asked, KNOWLEDGE, offered, options)
    assert isinstance(outcome, Plan), outcome
    return outcome


def refused(asked: Profile, offered: Offers, options: Options = OPTIONS, **facts: object) -> Refusal:
    outcome = plan_install(replace(machine(), **facts), asked, KNOWLEDGE, offered, options)
    assert isinstance(outcome, Refusal), outcome
    return outcome


def conda_step(plan: Plan) -> Step:
    return next(step for step in plan.steps if step.manager == "conda")


def environment(*packages: tuple[str, str, str], kind: str = "conda") -> PythonEnvironment:
    interpreter = Interpreter("/e/bin/python", Version("3.11.7"), "CPython", "cp311", machine="x86_64")
    found = tuple(Package(name, Version(version), installer=installer) for name, version, installer in packages)
    return PythonEnvironment("/e", kind, "--env", interpreter=interpreter, packages=found)


def test_caffe_is_made_with_conda() -> None:
    plan = made(load_profile("caffe-legacy"), offers(CONDA))
    step = conda_step(plan)
    assert [one.action for one in plan.steps] == ["create-environment", "verify"]
    assert step.requirements == ("python>=3.6,<3.11", "caffe>=1.0,<2", "numpy<1.24", "protobuf<4", "pip")
    assert step.channels == ("conda-forge",)
    assert plan.backend == "conda"
    assert "not on package indexes" in next(choice.reason for choice in plan.choices if choice.what == "backend")


def test_the_embedded_rattler_is_taken_where_no_conda_is() -> None:
    plan = made(load_profile("caffe-legacy"), offers(RATTLER))
    assert plan.backend == "rattler"
    assert "no conda, mamba or micromamba is here" in next(one.reason for one in plan.choices if one.what == "backend")
    assert conda_step(plan).subdir == "linux-64"


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_other_package_managers_cannot_make_it(name: str) -> None:
    refusal = refused(load_profile("caffe-legacy"), offers(CONDA), replace(OPTIONS, backend=name))
    assert "not on package indexes" in refusal.reasons[0]
    assert "--backend conda" in refusal.instead[0]


def test_nothing_of_conda_here_is_told_with_what_helps() -> None:
    refusal = refused(load_profile("caffe-legacy"), offers())
    assert 'pip install "envdoctor[conda]"' in refusal.instead[0]
    assert "mamba is not here" in refused(profile("x"), offers(CONDA), replace(OPTIONS, backend="mamba")).reasons[0]


def test_conda_first_and_wheels_on_top() -> None:
    mixed = profile("einops>=0.7", "numpy", conda=("cuda-nvcc>=12.4", "numpy>=1.26"))
    plan = made(mixed, offers(CONDA), replace(OPTIONS, backend="conda"))
    assert [(one.action, one.manager) for one in plan.steps] == [
        ("create-environment", "conda"), ("install-packages", ""), ("verify", ""),
    ]  # fmt: skip
    assert plan.steps[0].requirements == ("python=3.11", "cuda-nvcc>=12.4", "numpy>=1.26", "pip")
    assert plan.steps[1].requirements == ("einops>=0.7",), "what conda brings is not brought twice"


def test_any_profile_can_have_its_python_from_conda() -> None:
    plan = made(profile("einops", python_range=">=3.12"), offers(CONDA), replace(OPTIONS, backend="conda"))
    assert plan.steps[0].requirements == ("python=3.14", "pip")
    assert plan.steps[0].channels == ("conda-forge",)
    older = made(profile("einops"), offers(CONDA), replace(OPTIONS, backend="conda", python="3.10"))
    assert older.steps[0].requirements[0] == "python=3.10"


def test_without_being_asked_conda_stays_out_of_what_wheels_can_do() -> None:
    assert made(profile("einops"), offers(CONDA)).backend == "uv"


def test_what_conda_owns_is_changed_by_conda() -> None:
    there = environment(("numpy", "1.26.4", "conda"), ("einops", "0.6", "pip"), ("pip", "24.0", "conda"))
    plan = made(profile("numpy>=2", "einops>=0.7"), offers(CONDA), environment=there)
    assert conda_step(plan).requirements == ("numpy>=2",)
    assert conda_step(plan).action == "install-packages"
    assert plan.steps[1].requirements == ("einops>=0.7",)


def test_what_conda_owns_and_fits_is_left_alone() -> None:
    there = environment(("numpy", "1.26.4", "conda"), ("pip", "24.0", "conda"))
    plan = made(profile("numpy>=1.26", "einops"), offers(RATTLER), environment=there)
    assert [one.manager for one in plan.steps] == ["", ""]
    assert "conda has nothing to change" in next(one.reason for one in plan.choices if one.what == "backend")


def test_an_environment_of_conda_without_pip_gets_one() -> None:
    plan = made(profile("einops"), offers(CONDA), environment=environment(("python", "3.11.7", "conda")))
    assert conda_step(plan).requirements == ("pip",)


def test_conda_does_not_change_what_is_not_its_own() -> None:
    refusal = refused(profile("einops"), offers(CONDA), replace(OPTIONS, backend="conda"), environment=environment(kind="venv"))
    assert "no environment of conda" in refusal.reasons[0]


def test_channels_that_conda_is_configured_to_hold_where_the_profile_names_none() -> None:
    settings = CondaSettings(channels=("https://mirror.example/conda-forge", "bioconda"), sources=("/home/me/.condarc",))
    plan = made(profile("einops"), offers(CONDA, settings=settings), replace(OPTIONS, backend="conda"))
    assert plan.steps[0].channels == settings.channels
    assert "/home/me/.condarc" in next(one.reason for one in plan.choices if one.what == "channels")


def test_a_mirror_by_the_channels_name_stands_in_for_it() -> None:
    settings = CondaSettings(channels=("https://mirror.example/conda-forge",))
    assert channels_for(load_profile("rapids-conda"), settings) == ("rapidsai", "https://mirror.example/conda-forge")


def test_a_target_is_told_in_condas_words() -> None:
    facts = machine("H100", "550.54.15", glibc="2.31")
    assert "__glibc=2.31" in virtual_packages(facts)
    assert "__archspec=1=x86_64_v3" in virtual_packages(facts)
    assert virtual_packages(machine(system="windows", arch="AMD64"))[0] == "__win=0"
    plan = made(load_profile("caffe-legacy"), offers(CONDA), replace(OPTIONS, targeted=True))
    assert conda_step(plan).subdir == "linux-64"
    assert "__unix=0" in conda_step(plan).virtual_packages


@pytest.mark.parametrize(
    ("specifier", "spec"),
    [
        (">=1.26,<3", "x>=1.26,<3"),
        ("==1.*", "x=1"),
        ("===1.2", "x==1.2"),
        ("~=2.1", "x~=2.1"),
        ("", "x"),
        ("!=1.5", "x!=1.5"),
        ("==1.*,<1.5", "x 1.*,<1.5"),
    ],
)
def test_ranges_in_condas_words(specifier: str, spec: str) -> None:
    assert conda_spec("x", SpecifierSet(specifier)) == spec


@pytest.mark.parametrize(
    ("platform", "subdir"),
    [
        (Platform("linux", "x86_64", "glibc", Version("2.31"), None), "linux-64"),
        (Platform("linux", "aarch64", "glibc", None, None), "linux-aarch64"),
        (Platform("linux", "x86_64", "musl", None, None), None),
        (Platform("macos", "arm64", None, None, None), "osx-arm64"),
        (Platform("windows", "amd64", None, None, None), "win-64"),
        (Platform("linux", "riscv64", "glibc", None, None), None),
    ],
)
def test_platforms_in_condas_words(platform: Platform, subdir: str | None) -> None:
    assert subdir_of(platform) == subdir
