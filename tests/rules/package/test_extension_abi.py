"""extension-abi-mismatch: symbols that files show to be missing, and releases of torch that versions name."""

from __future__ import annotations

import pytest

from envdoctor.model.findings import Confidence
from envdoctor.model.libraries import TorchExtension
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from tests.rules.facts import environment, framework, machine, package, torch
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome
from tests.rules.judging import UNKNOWN as UNDECIDED

RULE = "package.extension_abi_mismatch"
LIBRARY = "/home/ada/env/lib/python3.11/site-packages/flash_attn_2_cuda.so"
SYMBOL = "_ZN3c105Error5raiseEl"


def extension(symbols=(), name="flash-attn", path=LIBRARY):
    return TorchExtension(name, path, symbols)


def beside(*looked, made_for="", version="2.8.3", installed="2.9.1", tools=True):
    own = replace(framework("flash-attn", version), built_with=(("torch", made_for),) if made_for else ())
    packages = [package("torch", installed), package("flash-attn", version)]
    packages += [package("setuptools", "80.9.0"), package("wheel", "0.45.1")] if tools else []
    found = environment(*packages, frameworks=(torch(installed), own))
    return machine(environment=replace(found, torch_extensions=looked if looked != (None,) else None))


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            beside(extension((SYMBOL, "_ZN2at4goneEv"))),
            FAIL,
            ["flash-attn 2.8.3 was built against another torch than torch 2.9.1", "c10::Error::raise", SYMBOL, "and 1 more",
             "--no-build-isolation --no-binary flash-attn flash-attn==2.8.3", "!setuptools"],
        ),
        (beside(extension((SYMBOL,)), tools=False), FAIL, ["pip install setuptools wheel"]),
        (beside(extension(())), PASS, []),
        (beside(extension(()), made_for="2.8"), PASS, []),
        (beside(extension(("_ZN2at4goneEv",)), made_for="2.8"), FAIL, ["at::gone", "!names torch 2.8"]),
        (beside(extension(("x",), name="")), FAIL, ["flash_attn_2_cuda.so was built", "Nothing that is installed lists this"]),
        (beside(None, made_for="2.8"), FAIL, ["was built for torch 2.8, not for torch 2.9.1", "--deep"]),
        (beside(None, made_for="2.9"), SKIP, []),
        (beside(None, made_for="2.9.0+cu128"), SKIP, []),
        (beside(None, made_for="main"), SKIP, []),
        (beside(None), SKIP, ["--deep"]),
        (beside(extension(Unknown("damaged: no end"))), UNDECIDED, ["damaged"]),
        (beside(extension((SYMBOL,)), extension(Unknown("damaged"), "other")), FAIL, [SYMBOL]),
        (beside(), SKIP, ["no compiled extension"]),
        (machine(), SKIP, []),
        (machine(environment=environment(package("numpy", "2.0"))), SKIP, []),
    ],
)  # fmt: skip
def test_extension_abi_mismatch(facts, verdict, words):
    expect(RULE, facts, verdict, *words)


def test_files_are_certain_and_names_likely():
    assert outcome(RULE, beside(extension((SYMBOL,)))).findings[0].confidence is Confidence.CERTAIN
    assert outcome(RULE, beside(None, made_for="2.8")).findings[0].confidence is Confidence.LIKELY


def test_a_companion_is_installed_anew_with_its_torch():
    looked = (extension((SYMBOL,), "torchvision"),)
    found = environment(package("torch", "2.9.1+cpu"), package("torchvision", "0.20.1"), frameworks=(torch("2.9.1+cpu", "cpu"),))
    facts = machine(environment=replace(found, torch_extensions=looked))
    expect(RULE, facts, FAIL, "torchvision==0.24.1+cpu", "https://download.pytorch.org/whl/cpu", "!--no-binary")
