"""What is a secret vanishes wherever it stands; what a rule looks at stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.system.redact import Redactor, redact_text, redact_variable

UUID = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
TABLE = [
    ("https://alice:hunter2@example.org/simple", "https://***@example.org/simple"),
    ("git+ssh://git@github.com/a/b", "git+ssh://git@github.com/a/b"),
    ("https://example.org/x?token=abc&v=1", "https://example.org/x?token=***&v=1"),
    ("http://10.1.2.3:8080/simple", "http://address:8080/simple"),
    ("http://127.0.0.1:8080/simple", "http://127.0.0.1:8080/simple"),
    ("nfs rw,addr=10.1.2.3,vers=4.2", "nfs rw,addr=address,vers=4.2"),
    ("10.1.2.3:/export /data nfs4 rw 0 0", "server:/export /data nfs4 rw 0 0"),
    ("filer7:/export /data nfs4 rw 0 0", "server:/export /data nfs4 rw 0 0"),
    ("inet6 fe80::1ff:fe23:4567:890a/64", "inet6 address/64"),
    ("2001:db8:0:0:0:0:0:1", "address"),
    ("std::c10::ce at fe::x", "std::c10::ce at fe::x"),
    ("52:54:00:ab:cd:ef", "00:00:00:00:00:00"),
    ("00000000:3B:00.0 and 0000:3b:00.0", "00000000:3B:00.0 and 0000:3b:00.0"),
    ("Author-email: Jo <jo.doe@example.org>", "Author-email: Jo <e-mail>"),
    ("0::/user.slice/user@1000.service/app", "0::/user.slice/user@1000.service/app"),
    ("/home/alice/venv:/home/alice/x", "/home/user/venv:/home/user/x"),
    ("/home/alice /home/bob", "/home/user /home/user-2"),
    ("/home/alice /home/user", "/home/user-2 /home/user"),
    ("/Users/alice/x /Users/Shared/y", "/Users/user/x /Users/Shared/y"),
    (r"C:\Users\John Smith\x", r"C:\Users\user\x"),
    ("C:/Users/jo/x", "C:/Users/user/x"),
    ('"C:\\\\Users\\\\jo\\\\x"', '"C:\\\\Users\\\\user\\\\x"'),
    ("Serial Number : 1324120012345", "Serial Number : 0"),
    ("Serial Number : N/A", "Serial Number : N/A"),
    ("<serial>1324120012345</serial>", "<serial>0</serial>"),
    ("Linux gpu7 6.8.0-45-generic #45 SMP", "Linux host 6.8.0-45-generic #45 SMP"),
    ("WANDB_API_KEY=0123456789abcdef", "WANDB_API_KEY=***"),
    ('{"password": "hunter two"}', '{"password": ***}'),
    ("--password hunter2 --verbose", "--password *** --verbose"),
    ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***"),
    ("torch==2.9.1 tokenizers==0.22.1 token==1.2", "torch==2.9.1 tokenizers==0.22.1 token==1.2"),
    ("CUDA 12.4.1.0, driver 535.104.05, Windows 10.0.22631.1", "CUDA 12.4.1.0, driver 535.104.05, Windows 10.0.22631.1"),
    ("libcublas.so.12.4.5.8", "libcublas.so.12.4.5.8"),
]


@pytest.mark.parametrize(("text", "redacted"), TABLE)
def test_table(text: str, redacted: str) -> None:
    assert redact_text(text) == redacted


SECRETS = [
    "hf_" + "aB3" * 12,
    "ghp_" + "a1" * 18,
    "github_pat_11ABCDE_" + "x1" * 20,
    "glpat-" + "a1_" * 7,
    "AKIAIOSFODNN7EXAMPLE",
    "sk-proj-" + "a1B2" * 8,
    "xoxb-123456789012-abcdef",
    "nvapi-" + "a1B2" * 8,
    "pypi-" + "AgEIcHlwaS5vcmc" * 4,
    "AIza" + "Sy0" * 12,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----",
]
around = st.text(st.sampled_from(" \n\"'=:;,/()<>[]|é"), max_size=5)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SECRETS), st.text(max_size=20), around, around, st.text(max_size=20))
def test_secrets_vanish_wherever_they_stand(secret: str, before: str, left: str, right: str, after: str) -> None:
    text = f"{before} {left}{secret}{right} {after}"
    assert secret not in redact_text(text)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "db_password", "api-key", "OPENAI_API_KEY", "client_secret"]),
    st.sampled_from(["=", ": ", " = ", '": "', "='"]),
    st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=8),
)
def test_values_of_what_is_named_a_secret_vanish(name: str, sign: str, value: str) -> None:
    assert f"zq{value}" not in redact_text(f"x {name}{sign}zq{value} y")


pieces = st.sampled_from(
    [text for text, _ in TABLE]
    + SECRETS
    + [
        UUID,
        UUID[:12],
        "/home/",
        "/home/user-2",
        "https://",
        "@",
        "token=",
        "=",
        " ",
        "\n",
        "***",
        "GPU-",
        "user",
        "a",
        "1.2.3.4",
        ":",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces | st.text(max_size=6), max_size=6))
def test_idempotent(parts: list[str]) -> None:
    once = redact_text("".join(parts))
    assert redact_text(once) == once


numbers = st.integers(0, 99999).map(str)
versions = st.builds(
    lambda parts, suffix: ".".join(parts) + suffix,
    st.lists(numbers, min_size=1, max_size=5),
    st.sampled_from(["", "+cu128", "rc1", ".post1", ".dev20261121", "-1ubuntu0.22.04", "-generic"]),
)


@settings(max_examples=300, deadline=None)
@given(
    versions,
    st.sampled_from(
        ["{}", "torch=={}", "Driver Version: {}", "CUDA Version : {}", "libcudart.so.{}", "/usr/local/cuda-{}/lib64",
         "Version: {}", "cublas ({})", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  {}  Tue", '"{}"', "torch-{}.dist-info"]
    ),
)  # fmt: skip
def test_versions_stay(version: str, frame: str) -> None:
    text = frame.format(version)
    assert redact_text(text) == text


def test_uuids_keep_equality_and_abbreviations() -> None:
    other = UUID[:-1] + "7"
    first, again, second, short = redact_text(f"{UUID} {UUID} {other} {UUID[:12]}").split()
    assert first == again != second
    assert first.startswith(short)
    assert "8932f937" not in first + short
    assert redact_text(f"MIG-{UUID[4:]}")[4:] == first[4:]
    assert redact_text(f"MIG-{UUID}/1/0") == f"MIG-{first}/1/0"


def test_home_in_an_unusual_place() -> None:
    redactor = Redactor(homes=("/cluster/people/alice",), hosts=("gpu-node-17", "cuda"))
    assert redactor.text("/cluster/people/alice/venv on gpu-node-17") == "/cluster/people/user/venv on host"
    assert redactor.text("/cluster/people/alicette /usr/local/cuda /opt/gpu-node-17/x") == (
        "/cluster/people/alicette /usr/local/cuda /opt/gpu-node-17/x"
    )
    assert redactor.text("/home/alice") == "/home/user"


def test_root_has_no_name_to_hide() -> None:
    assert Redactor(homes=("/root", "/")).text("/root/x") == "/root/x"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("CUDA_VISIBLE_DEVICES", "0,1", "0,1"),
        ("LD_LIBRARY_PATH", "/home/alice/lib:/usr/lib", "/home/user/lib:/usr/lib"),
        ("PIP_INDEX_URL", "https://u:p@example.org/simple", "https://***@example.org/simple"),
        ("HTTPS_PROXY", "http://u:p@10.0.0.1:3128", "http://***@address:3128"),
        ("PYTHONPATH", "/opt/x", "/opt/x"),
        ("HF_TOKEN", "hf_short", "***"),
        ("HF_HOME", "/data/hf", "/data/hf"),
        ("CONDA_PREFIX", "/opt/conda", "/opt/conda"),
        ("MY_OWN_VARIABLE", "anything", "***"),
        ("MASTER_ADDR", "node1", "***"),
        ("KUBERNETES_SERVICE_HOST", "10.0.0.1", "address"),
        ("SLURM_JOB_USER", "alice", "user"),
        ("CUDA_HOME", "", ""),
        ("CUDA_HOME", None, None),
    ],
)
def test_variables(name: str, value: str | None, shown: str | None) -> None:
    assert redact_variable(name, value) == shown
