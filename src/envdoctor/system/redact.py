r"""What never enters a recording or a report: secrets, addresses, and who or which machine it was.

Replacing is consistent (the same thing always becomes the same other thing, wherever it stands) and idempotent,
and leaves alone what rules look at: versions, paths up to people's names, PCI addresses.

- Secrets become `***`: credentials and tokens in URLs, tokens of known shape, values of what is named a token,
  key or password, private keys.
- Addresses (IP where the surroundings show that it is one, MAC, e-mail) become a word.
- `/home/alice`, `/Users/alice` and `C:\Users\alice` become `/home/user` and so on.
- UUIDs of GPUs become pseudonyms that keep equality, also of the abbreviations that CUDA_VISIBLE_DEVICES takes.
- Of environment variables only those known to matter keep their values.
"""

from __future__ import annotations

import re
from typing import Any

from envdoctor.system.redact_patterns import ADDRESSES, BLANK, IDENTITIES, SECRETS, apply_rows, compiled

_KEPT_VARIABLES = (
    r"(?:(?:CUDA|CUDNN|CUDACXX|CUDAARCHS|NVIDIA|NV|NVCC|LD|DYLD|TORCH|TORCHINDUCTOR|PYTORCH|NCCL|UCX|TF|XLA|JAX|JAXLIB|KERAS"
    r"|HIP|ROCR|ROCM|HSA|GPU|AMD|HCC|MIOPEN|OMP|MKL|KMP|GOMP|OPENBLAS|BLIS|NUMEXPR|VECLIB|PYTHON|CONDA|MAMBA|VIRTUAL|PYENV"
    r"|PIP|UV|PIPX|POETRY|TMP|TEMP|XDG|LC|CMAKE|MAX|TRITON|VLLM|HF|TRANSFORMERS|FLASH|DS|BNB|ORT|MXNET|CAFFE|ZE|ONEAPI"
    r"|SYCL|PJRT|TPU|LIBTPU|SLURM|KUBERNETES|WSL|MESA|VK|DISPLAY|TCNN|MPI|OMPI|MAMBA|MSMPI|VS|VCTOOLS|INCLUDE|LIB|CPATH"
    r"|LIBRARY|C|CPLUS)(?:_[A-Z0-9_]*|DIR)?"
    r"|PYTHON[A-Z0-9]*|PATH|HOME|USERPROFILE|LANG|LANGUAGE|SHELL|CC|CXX|CFLAGS|CXXFLAGS|CUDAHOSTCXX|container|CI|TERM"
    r"|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES|SYSTEMROOT|WINDIR|OS|PROCESSOR_[A-Z]+|no_proxy|https?_proxy|[A-Z]+_PROXY)"
)
_SECRET_NAME = r"(?i)token|secret|passw|passphrase|credential|auth|cookie|session|_pat$|(?:api|access|private|_)key"  # noqa: S105 - a pattern
_ADDRESS_NAME = r"(?:^|_)(?:ADDR|ADDRESS|HOST|IP|NODE|NODELIST|NODEID|SERVER|ADDRS)$"
_HOME = (
    r"((?<![A-Za-z0-9_])[A-Za-z]:[\\/]+Users[\\/]+|/home\d*/+|/Users/+)"
    r"((?<=\\)[^\\/:;\"'<>|*?\n]+(?=\\)|[^/\\\s:;,\"'<>|*?()\[\]{}]+)"
)
_ROUNDS = 5
"""Where things stand without a space between them, what takes the place of one may uncover the next."""
_SHARED_HOMES = frozenset({"Public", "Default", "Shared", "All Users", "linuxbrew", ".", ".."})
_PSEUDONYM = re.compile(r"user(-\d+)?\Z")
_GPU = r"(?<![A-Za-z0-9])(GPU|MIG)-([0-9a-f]{8})(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:-[0-9a-f-]*)?)(?![0-9a-z-])"


class Redactor:
    """One consistent way of renaming, for all texts of one machine."""

    def __init__(self, homes: tuple[str, ...] = (), hosts: tuple[str, ...] = ()) -> None:
        """Know what this machine says of itself.

        Args:
            homes: home folders, also in unusual places.
            hosts: names of the machine.
        """
        self._people: dict[str, str] = {}
        self._taken: set[str] = set()
        self._number = 1
        self._homes = tuple(home.rstrip("/\\") for home in homes if _is_personal(home))
        self._hosts = tuple(host for host in hosts if len(host) > 3 and re.search(r"[\d.-]", host))

    def person(self, name: str) -> str:
        """The pseudonym of a person: `user`, then `user-2`, ...; a pseudonym stays what it is."""
        if name in _SHARED_HOMES:
            return name
        if name not in self._people:
            self._people[name] = name if _PSEUDONYM.match(name) else self._free()
            self._taken.add(self._people[name])
        return self._people[name]

    def _free(self) -> str:
        """The next pseudonym that nobody has; a text may name thousands of people, so none is tried twice."""
        while (free := "user" if self._number == 1 else f"user-{self._number}") in self._taken:
            self._number += 1
        return free

    def meet(self, text: str) -> None:
        """Learn the names of people that a text holds, so that those that are pseudonyms already are not given away."""
        if "/home" in text or "Users" in text:
            for found in compiled(_HOME).finditer(text):
                if _PSEUDONYM.match(found[2]):
                    self.person(found[2])

    def text(self, text: str) -> str:
        """The text without secrets, addresses and identities."""
        for _round in range(_ROUNDS):
            redacted = self._once(text)
            if redacted == text:
                break
            text = redacted
        return text

    def _once(self, text: str) -> str:
        text = apply_rows(SECRETS, text)
        text = apply_rows(ADDRESSES, text)
        text = apply_rows(IDENTITIES, text)
        if "GPU-" in text or "MIG-" in text:
            text = compiled(_GPU).sub(_pseudonym_of_gpu, text)
        for home in self._homes:
            if home in text:
                text = re.sub(re.escape(home) + r"(?![\w.-])", self._renamed(home).replace("\\", r"\\"), text)
        if "/home" in text or "Users" in text:
            text = compiled(_HOME).sub(lambda found: found[1] + self.person(found[2]), text)
        for host in self._hosts:
            if host in text:
                text = re.sub(rf"(?<![\w./-]){re.escape(host)}(?![\w-])", "host", text)
        return text

    def variable(self, name: str, value: str | None) -> str | None:
        """The value of an environment variable as it may be shown; None stays None."""
        if value is None or value == "":
            return value
        if not re.fullmatch(_KEPT_VARIABLES, name) or re.search(_SECRET_NAME, name):
            return BLANK
        if re.search(r"(?:^|_)USER(?:NAME)?$", name):
            return self.person(value)
        if re.search(_ADDRESS_NAME, name) and not value.isdecimal():
            return "address"
        return self.text(value)

    def _renamed(self, home: str) -> str:
        """A home folder with its last part, the person, replaced."""
        name = _last_part(home)
        return home[: -len(name)] + self.person(name)

    def value(self, value: Any) -> Any:
        """Any JSON value with every text in it redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.value(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(inner) for inner in value]
        return value


def redact_text(text: str) -> str:
    """A text without secrets, addresses and identities."""
    redactor = Redactor()
    redactor.meet(text)
    return redactor.text(text)


def redact_variable(name: str, value: str | None) -> str | None:
    """The value of an environment variable as it may be shown: whole, redacted, or `***`; None where it is not set."""
    return Redactor().variable(name, value)


def _last_part(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def _is_personal(home: str) -> bool:
    """Whether the last part of a home folder is a person's name (not `/root` or `/`)."""
    parts = [part for part in re.split(r"[/\\]", home) if part]
    return len(parts) > 1


def _pseudonym_of_gpu(found: re.Match[str]) -> str:
    """Another UUID for a GPU's; its first group depends on the first group only, so that abbreviations still match."""
    kind, first, rest = found.groups()
    if first.startswith("0000") and (not rest.strip("-") or rest.startswith("-0000-0000-0000-")):
        return found[0]
    start = f"{kind}-0000{_digest(first, 4)}"
    return f"{start}-0000-0000-0000-{_digest(first + rest, 12)}" if len(rest) == 28 else start


def _digest(text: str, digits: int) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:digits]
