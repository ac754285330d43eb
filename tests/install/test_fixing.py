"""What of a report can be repaired inside an environment, how remedies are merged, and what they may not break."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.install.fixing_variables import edit_script, edit_state, shell_line, without_entry
from envdoctor.install.planner.fixing import LeftAlone, Remedy, choose_remedies, name_of, read_fix
from envdoctor.install.planner.fixing_steps import breaks, keepers, merge_remedies, steps_after, steps_before
from envdoctor.install.planner.fixing_words import Words, read_words
from envdoctor.model.facts import Facts, Interpreter, Package, PythonEnvironment, Subject, Unknown
from envdoctor.model.findings import Confidence, Evidence, Finding, Fix, Report, Severity
from envdoctor.model.plan import Download

SITE = "/e/lib/python3.12/site-packages"


def package(name: str, version: str = "1.0", *requires: str, installer: str = "pip", site: str = SITE) -> Package:
    return Package(name, Version(version), requires, installer=installer, path=f"{site}/{name}-{version}.dist-info")


def environment(*packages: Package) -> PythonEnvironment:
    return PythonEnvironment("/e", "venv", "--python", Interpreter("/e/bin/python", Version("3.12.1")), packages)


def found(
    rule: str, *fixes: Fix, severity: Severity = Severity.ERROR, explains: tuple[str, ...] = (), about: tuple[str, ...] = (),
    confidence: Confidence = Confidence.CERTAIN, demander: str = "",
) -> Finding:  # fmt: skip
    proof = (Evidence(f"packages[{demander}].requires", "x", "metadata"),) if demander else ()
    return Finding(f"{rule} is found", "", proof, fixes, confidence, severity, rule, explains, about)


def report(*findings: Finding) -> Report:
    return Report(Subject("python", "/e"), None, findings, (), Facts(Subject("python", "/e")), "", 1)


def remedy(rule: str, *lines: str, **more: tuple[str, ...]) -> Remedy:
    return Remedy(rule, f"{rule} is found", "Cure it", safe=True, lines=lines, **more)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ("python -m pip install setuptools wheel", Words(lines=("setuptools", "wheel"))),
        ("python -m pip install --force-reinstall --no-deps six==1.0", Words(again=("six==1.0",))),
        ("python -m pip install --ignore-installed --no-deps six==1.0", Words(again=("six==1.0",))),
        ("python -m pip install --no-deps --no-build-isolation --no-binary flash flash==1", Words(build=("flash==1",))),
        ("python -m pip uninstall --yes numpy", Words(remove=("numpy",))),
        ("rm -r /e/lib/~umpy", Words(delete=("/e/lib/~umpy",))),
        (r"cmd /c rmdir /s /q C:\e\Lib\~umpy", Words(delete=("C:/e/Lib/~umpy",))),
        ("envdoctor install pytorch-cpu --env /e", Words(profile="pytorch-cpu")),
        ("envdoctor install pytorch-cpu --env ./new", None),
        ("python -m pip install --target /elsewhere six", None),
        ("python -m pip download six", None),
        ("python -m pip", None),
        ("rm -r /e /f", None),
        ("rm -rf /e", None),
        ("sudo apt-get install nvidia-driver-570", None),
        ("conda install numpy", None),
        ("sh -c ls", None),
    ],
)  # fmt: skip
def test_commands_are_read_back(argv: str, words: Words | None) -> None:
    assert read_words(tuple(argv.split())) == words


def test_conda_only_in_a_named_environment() -> None:
    argv = ("conda", "install", "--yes", "--prefix", "/e", "numpy")
    assert read_words(argv) == Words(conda=(argv,))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_no_command_is_run_that_is_not_understood(words: list[str]) -> None:
    read = read_words(tuple(words))
    assert read is None or words[0] in {"python", "rm", "cmd", "conda", "mamba", "micromamba", "envdoctor"}


def test_drivers_and_system_packages_are_left_alone() -> None:
    driver = Fix("Install a driver", commands=(("sudo", "apt-get", "install", "nvidia-driver-570"),))
    left = read_fix(found("no-driver", driver), driver, environment())
    assert isinstance(left, LeftAlone)
    assert left.reason == "drivers and system packages are never changed by envdoctor"
    assert left.fix == driver


def test_the_first_safe_fix_is_taken_and_an_unsafe_one_by_name_only() -> None:
    driver = Fix("Install a driver", commands=(("sudo", "reboot"),))
    older = Fix("Install an older build", safe=True, packages=("torch==2.5.1",))
    risky = Fix("Move them", packages=("a>1",))
    findings = report(found("driver-too-old", driver, older), found("dependency-conflict", risky))
    chosen = choose_remedies(findings, environment())
    assert [one.title for one in chosen.remedies] == ["Install an older build"]
    assert "--unsafe dependency-conflict" in chosen.left[0].reason
    named = choose_remedies(findings, environment(), unsafe=("dependency-conflict",))
    assert [one.lines for one in named.remedies] == [("torch==2.5.1",), ("a>1",)]


def test_what_is_a_mere_possibility_is_not_safe() -> None:
    fix = Fix("Install it", safe=True, packages=("a",))
    chosen = choose_remedies(report(found("a-rule", fix, confidence=Confidence.POSSIBLE)), environment())
    assert chosen.remedies == ()


def test_consequences_wait_for_their_cause_and_remarks_are_not_touched() -> None:
    fix = Fix("Install it", safe=True, packages=("a",))
    cause = found("cause", fix, explains=("consequence",), about=("a",))
    findings = report(
        cause,
        found("consequence", fix, about=("a",)),
        found("consequence", Fix("Other", safe=True, packages=("b",)), about=("b",)),
        found("remark", fix, severity=Severity.INFO),
    )
    chosen = choose_remedies(findings, environment())
    assert [one.lines for one in chosen.remedies] == [("a",), ("b",)]
    assert [one.reason for one in chosen.left] == ["it follows from cause"]
    assert [one.rule for one in choose_remedies(findings, environment(), select=("remark",)).remedies] == ["remark"]


def test_nothing_outside_of_the_environment_is_touched() -> None:
    outside = package("numpy", site="/usr/lib/python3/dist-packages")
    again = Fix("Again", commands=(("python", "-m", "pip", "install", "--force-reinstall", "--no-deps", "numpy==1.0"),))
    delete = Fix("Delete", commands=(("rm", "-r", "/e/../home/me"),))
    chosen = choose_remedies(report(found("one", again), found("two", delete)), environment(outside))
    assert chosen.remedies == ()
    assert all("lies outside of /e" in one.reason for one in chosen.left)


def test_a_package_whose_metadata_is_deleted_is_taken_once_more() -> None:
    there = package("numpy", "1.26.4")
    fix = Fix("Install numpy again", packages=("numpy==1.26.4",), commands=(("rm", "-r", there.path),))
    read = read_fix(found("broken-package-metadata", fix), fix, environment(there))
    assert isinstance(read, Remedy)
    assert (read.safe, read.again, read.lines, read.delete) == (True, ("numpy==1.26.4",), (), (there.path,))


def test_requirements_are_merged_into_one_line_for_each_package() -> None:
    merged = merge_remedies((remedy("one", "numpy<2", "torch==2.9.1"), remedy("two", "numpy>=1.26"), remedy("three", "numpy>=2")))
    assert merged.lines == ("numpy<2,>=1.26", "torch==2.9.1")
    assert [one.rule for one in merged.taken] == ["one", "two"]
    assert [one.rule for one in merged.waiting] == ["three"]


def test_one_change_for_a_package() -> None:
    keep = remedy("keep", remove=("a", "b"), again=("b==1.0",))
    merged = merge_remedies((keep, remedy("other", "b>1"), remedy("same", again=("b==1.0",)), remedy("gone", remove=("a",))))
    assert [one.rule for one in merged.taken] == ["keep", "same", "gone"]
    assert [one.rule for one in merged.waiting] == ["other"]
    before, after = steps_before(merged, environment()), steps_after(merged, "/e")
    assert [(step.action, step.requirements) for step in before] == [("remove-packages", ("a", "b"))]
    assert [(step.again, step.requirements) for step in after] == [(True, ("b==1.0",))]


def test_what_a_removed_package_lacks_is_not_installed() -> None:
    keep = remedy("keep", remove=("a", "b"), again=("b==1.0",))
    needy = Remedy("dependency-conflict", "a needs c", "Install c", safe=True, lines=("c",), demanders=("a",))
    assert merge_remedies((keep, needy)).lines == ()


def test_a_change_must_not_break_what_is_installed() -> None:
    here = environment(package("numpy", "2.2.0"), package("cv", "4.0", "numpy>=2"), package("old", "1.0", "numpy<2", "six"))
    assert breaks(here, [Download("numpy", "1.26.4", 1)])
    assert not breaks(here, [Download("numpy", "2.3.0", 1)])
    assert not breaks(here, [Download("numpy", "1.26.4", 1), Download("cv", "3.0", 1)])
    assert set(keepers(here, merge_remedies((remedy("numpy2-abi", "numpy<2"),)))) == {"cv", "old"}


def test_packages_of_conda_and_damaged_ones_are_not_resolved_along() -> None:
    conda = package("scipy", "1.0", "numpy", installer="conda")
    broken = Package("bad", Unknown("no METADATA"), ("numpy",), path=f"{SITE}/bad.dist-info")
    here = environment(package("numpy"), conda, broken, package("above", "1.0", "middle"), package("middle", "1.0", "numpy"))
    assert set(keepers(here, merge_remedies((remedy("one", "numpy<2"),)))) == {"above", "middle"}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Torch_Vision==1", "torch-vision"),
        ("a[b]>=1", "a"),
        ("a @ https://x", "a"),
        ("a;python_version>'3'", "a"),
        ("a(>1)", "a"),
    ],
)
def test_names_of_requirement_lines(line: str, name: str) -> None:
    assert name_of(line) == name


@pytest.mark.parametrize(
    ("value", "entry", "rest", "line"),
    [
        ("/old:/new", "/old", "/new", "export V=/new"),
        ("/old/", "/old", "", "unset V"),
        ("/old:/x:/old", "/old/", "/x", "export V=/x"),
    ],
)
def test_an_entry_is_taken_out_of_a_variable(value: str, entry: str, rest: str, line: str) -> None:
    assert without_entry(value, entry) == rest
    assert shell_line("V", rest) == line


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("export LD_LIBRARY_PATH=/old", "# taken out by envdoctor fix: export LD_LIBRARY_PATH=/old"),
        ('export LD_LIBRARY_PATH="/old:$LD_LIBRARY_PATH"', None),
        ("LD_LIBRARY_PATH=$VIRTUAL_ENV/old:$LD_LIBRARY_PATH", None),
        ("export LD_LIBRARY_PATH=/old:/kept", "export LD_LIBRARY_PATH=/kept"),
        ("setenv LD_LIBRARY_PATH /old", None),
    ],
)
def test_an_activation_script_loses_the_entry(line: str, after: str | None) -> None:
    entry = "/e/old" if "VIRTUAL_ENV" in line else "/old"
    text = f"# first\n{line}\necho done\n"
    edit = edit_script("/e/bin/activate", text, "/e", "LD_LIBRARY_PATH", entry)
    assert edit is not None
    assert edit.after == f"# first\n{after or '# taken out by envdoctor fix: ' + line}\necho done\n"
    assert edit.says == line


@pytest.mark.parametrize("line", ["export PATH=/old", "export LD_LIBRARY_PATH=/older", "echo LD_LIBRARY_PATH=/old"])
def test_other_lines_stay(line: str) -> None:
    assert edit_script("/e/bin/activate", f"{line}\n", "/e", "LD_LIBRARY_PATH", "/old") is None


def test_what_conda_keeps_loses_the_entry() -> None:
    text = '{"env_vars": {"LD_LIBRARY_PATH": "/old", "KEPT": "1"}}'
    edit = edit_state("/e/conda-meta/state", text, "LD_LIBRARY_PATH", "/old")
    assert edit is not None
    assert edit.after == '{"env_vars": {"KEPT": "1"}}'
    for other in ("", "[]", '{"env_vars": []}', '{"env_vars": {"LD_LIBRARY_PATH": "/new"}}'):
        assert edit_state("/e/conda-meta/state", other, "LD_LIBRARY_PATH", "/old") is None
