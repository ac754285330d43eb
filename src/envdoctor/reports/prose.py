"""Facts that people mention in passing: `RTX3090 driver 525 cuda version 12.1`, `Ubuntu 22.04`; and what paths give away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envdoctor.reports.packages import normal
from envdoctor.reports.stating import FILLED_IN, HINTED, MENTIONED, Stated

GPU_NAME = re.compile(
    r"(?<![\w-])(?:NVIDIA |GeForce |Tesla |Quadro |AMD |ATI |Radeon |Instinct |Intel )*(?:"
    r"(?:RTX|GTX|GT|GeForce|TITAN)[ -]?(?:PRO |A)?\d{3,4}(?:[ -]?(?:Ti|SUPER|Ada|Max-Q|Mobile|Laptop GPU|M|D|MX)\b)*"
    r"(?: (?:SUPER|Ti)\b)?"
    r"|GTX[ -]?TITAN(?: ?(?:X|Z|Black))?|TITAN (?:RTX|V|Xp?|Black|Z)\b|Quadro [A-Z]*\d{3,4}\w*"
    r"|(?:RTX )?A(?:2000|4000|4500|5000|5500|6000)(?: Ada)?\b"
    r"|(?:Tesla )?(?:(?!P1[0-5]\b)[KMP]\d{2,4}[A-Za-z]?|V100[A-Za-z]?|T4|C2075)(?=\b)(?:-(?:SXM\d|PCI[eE])\S*)?"
    r"|(?:A2|A10G?|A16|A30|A40|A100X?|A800|H20|H100|H200|H800|L4|L20|L40S?|B100|B200|B300|GB10|GB200|GB300|GH200)"
    r"(?:-[A-Z0-9]\S*|\b)(?: 80GB| PCIe| SXM)*"
    r"|Jetson[ -](?:AGX |Orin |Xavier )*(?:Nano|TX[12]|Xavier|Orin|Thor|NX)?|(?:Orin|Xavier|Thor|Tegra X\d)(?= \(nvgpu\))"
    r"|(?:Radeon )?(?:RX|Radeon VII|Radeon Pro|PRO W)[ -]?\d{3,4}\w*(?: ?(?:XTX?|GRE|M|S))?"
    r"|(?<=Radeon )(?:[5679]\d[05]0|[45][5-9]0)(?: ?(?:XTX?|GRE|M|S)\b|\b)|(?<=AMD )[5679]\d[05]0 ?XTX?\b"
    r"|(?<=Radeon )(?:[678]\d0M|80[456]0S)\b"
    r"|MI(?:25|50|60|100|210|250X?|300[AX]?|308X|325X|350X|355X)"
    r")(?![\w.]*\d{2}\b)",
    re.IGNORECASE,
)
_SURE_GPU = re.compile(
    r"nvgpu|rtx|gtx|tesla|quadro|titan|geforce|radeon|jetson|nvidia|amd \d{4} ?xt|\brx[ -]?[4-9]\d\d"
    r"|[abhlv]\d{3}|gb\d|gh200|mi\d|gpu|l4|t4|\bgt\b|显卡"
    r"|^\W*[kmp](?:[1-6][0-2]00|2200)m?\W*$",
    re.IGNORECASE,
)
_SHORT = re.compile(r"(?<=[RG]TX )\d{3}$|(?<=RTX A)[2-6]00$")
"""A model's number of which the table cut the last digit, always a nought."""
_FRAGMENT = re.compile(r"(?<=\d)(?: [A-Za-z]\w{0,5}|-(?:S|SX|SXM\d?|P|PC|PCI|PCIe?))$")
"""What stands behind the number and was cut inside its word: `L` of `Laptop GPU`; a variant of the same chip."""
_RX_LEFT_OUT = re.compile(r"^(?:AMD |Radeon )+(?=\d{4}(?!S))", re.IGNORECASE)
GFX = re.compile(r"\b(gfx(?:9[0-4][0-9a-f]|90[0-9a-f]|10[0-3]\d|11[0-5]\d|120\d|95\d|803))\b")
_SERIES = re.compile(
    r"\b[RG]TX[ -]?(?P<series>[1-5]0|16)(?:xx|系|[ -]?series)|\b(?P<bare>[345]0)[ -]series (?:gpu|card|nvidia)", re.I
)
_NUMBER = r"(?:10|16|20|30|40|50)[5-9]0(?: ?ti)?"
_BARE = re.compile(
    r"(?:\b(?:gpu|graphics card|nvidia)s?|显卡(?:型号)?[是为]?|видеокарта)\W{0,3}"
    rf"(?:is |are )?(?:an? |the |nvidia )?(?P<after>{_NUMBER})"
    r"(?:s|super)?(?![a-z0-9])"
    r"(?! ?(?:m|g|k)?i?[bw]\b| ?mhz)"
    rf"|(?<![\w.])(?P<before>{_NUMBER})(?: ?(?:gpus?\b|显卡|graphics card|laptop\b|mobile\b|notebook\b)|(?<=ti)(?![\w.-]))"
    rf"|^\W{{0,4}}(?:[1-8] ?[x*] ?)?(?P<alone>{_NUMBER}) ?(?:super)?\W{{0,3}}$",
    re.IGNORECASE,
)
"""`GPU: 5090`, `a 4090 GPU`, and a number that stands on a line alone."""
_DRIVER = re.compile(
    r"(?:nvidia[- ])?driver(?:[- ]version)?\W{0,3}(?:is |of )?\W?(\d{3}(?:\.\d{2,3}){0,2})(?![\d.]*\d)(?!\s*(?:MB|GB|MiB|bytes))",
    re.IGNORECASE,
)
_CAPABILITY = re.compile(
    r"(?<!minimum )(?<!maximum )\b(?:cuda|compute)[ _]capability(?: is| of|:|=)? {0,2}\(?(\d{1,2}\.\d)\b"
    r"(?! ?(?:or|and) (?:newer|higher|above))",
    re.IGNORECASE,
)
_ASKED = re.compile(r"minimum|require|need|support|at least|>=|built for", re.IGNORECASE)
_LEGACY = re.compile(
    r"nvidia-(?:legacy-)?(?:driver-)?(\d{3})(?:xx)?(?:-driver|-server|-open)?\b(?! - (?:third|distro))", re.IGNORECASE
)
_CUDA = re.compile(
    r"(?<![\w.])CUDA(?:[ -]?(?:version|toolkit|runtime))?\W{0,4}v?(\d{1,2}\.\d{1,2})(?:\.\d+)?\b(?! ?cap)", re.IGNORECASE
)
_CUDA_ALONE = re.compile(
    r"^\W*(?:my |installed )?CUDA(?: toolkit)?(?: ?version|版本)?\s*(?:is|是|[:=]{1,2})?\s*v?(\d{1,2}\.\d{1,2})(?:\.\d+)*\W*$",
    re.I,
)
"""A line that says nothing but a CUDA: what a person lists of the machine."""
_NAMED = re.compile(
    r"(?<![\w.-])(?<![^\s(]/)(?P<name>pytorch|torch|torchvision|torchaudio|torchtext|tensorflow(?:[- ]gpu)?|tf|jax|jaxlib"
    r"|onnxruntime(?:[- ]gpu)?|xformers|triton|flash[-_]attn|vllm"
    r"|sglang|bitsandbytes|numpy|deepspeed|transformers|ctranslate2|mmcv(?:-full)?|protobuf|keras"
    r"|paddlepaddle(?:[- ]gpu)?|cupy|mxnet)"
    r"(?: version| v\.?| ver\.?)?(?: is| was)?[ =:-]{0,4}[vV]?"
    r"(?P<version>\d+\.\d+(?:\.\d+)?(?:[.-]?(?:post|dev|rc|a|b)\d+)*(?:\+[\w.]+)?)(?![\w-]*\.(?:py|so|txt|whl))",
    re.IGNORECASE,
)
_BUILD_AFTER = re.compile(r"\W{0,3}(?:and |with |for |on |using )?\W?(cu(?:9[0-2]|1[0-4]\d))(?![\w.])", re.IGNORECASE)
"""The build that people put behind the release: `torch 2.6 and cu124`, `pytorch 2.3.0 (cu121)`."""
_BUILD_ALONE = re.compile(r"(?<![\w.=<>~+/-])(?P<version>[12]\.\d{1,2}\.\d\+(?:cpu|cu\d{2,3}|rocm\d[\d.]*\d))(?![\w.+-])")
"""`2.0.0+cpu` that no name stands with: torch alone bears such builds and numbers; its companions are named."""
_COMPANION = re.compile(r"torch(?:audio|ao|data|text|vision|[-_])|pyg|xformers|built for|compiled", re.IGNORECASE)
_WISH = re.compile(
    r"\b(?:pip3?|conda|mamba|uv|poetry)\b.{0,40}\binstall\b|requirement |built for|Collecting |requires ", re.IGNORECASE
)
_PYTHON = re.compile(r"(?<![\w.-])(?:python|py) ?(?:version|v)?\W{0,3}(3\.\d{1,2}(?:\.\d+)?)\b", re.IGNORECASE)
_GCC = re.compile(
    r"(?<![\[\w(/.-])gcc(?:(?: ?/ ?| and |, ?)?g\+\+)?(?:[ -]?version)?(?: is|:|=)? {0,2}v?(\d{1,2}(?:\.\d+){0,2})(?![\w.]*\d)"
    r"(?!\W{0,2}(?:or|and|to|is not|not)\b)",
    re.IGNORECASE,
)
_GCC_WISH = re.compile(
    r"later than|support|built with|requir|need|[<>]=|install|anaconda|update-alternatives|conda|^\W*GCC \d+\.\d+$|downgrad"
    r"|upgrad|switch|solv|should|try|instead|change",
    re.IGNORECASE,
)
_SYSTEMS = re.compile(
    r"\b(WSL ?2?|WSLg|Windows (?:on )?ARM|Windows(?: Server)?[ -]?(?:7|8|10|11|20\d\d)|win ?(?:10|11)"
    r"|Ubuntu[ -]?\d\d(?:\.\d\d)?(?!\.\d\.\d)|Debian[ -]?\d+(?![\d.]*\.\d+\.\d|\d)"  # not the compiler: Ubuntu 13.3.0-6
    r"|CentOS[ -]?\d|Rocky(?: Linux)? ?\d|Fedora ?\d\d|Alpine|Arch Linux|macOS(?: \w+)? ?\d+(?:\.\d+)*"
    r"|Linux ?Mint(?: \d[\d.]*)?|Manjaro|Pop!?_OS(?: [\d.]+)?|Kali Linux"
    r"|Mac OS ?X(?: [\d.]+)?|Red Hat Enterprise Linux\S* [\d.]+|RHEL ?\d|openSUSE \w+(?: [\d.]+)?)",
    re.IGNORECASE,
)
_APPLE = re.compile(r"\b(?:Apple )?(M[1-5](?: (?:Pro|Max|Ultra))?)\b(?= ?(?:chip|mac|mps|\(|$))|\bApple (M[1-5])\b")
_ARM = re.compile(
    r"\b(?:aarch64|arm64|Windows on ARM|Snapdragon|Apple silicon|Jetson|JetPack|DGX Spark|Grace Hopper)\b", re.IGNORECASE
)
_INTEL_MAC = re.compile(r"\b(?:intel[ -]mac(?:book)?|mac(?:book)?\S* (?:with )?intel)\b", re.IGNORECASE)
_WSL = re.compile(
    r"(?<![\w.])/mnt/c/|/mnt/[a-z]/(?:Users|Windows|Program Files)\b|(?:^|\w):/mnt/[a-z](?:/\S*)?[$#]|/usr/lib/wsl/"
)
"""Where WSL mounts the disks of Windows, and its own libraries."""
_IN_WSL = re.compile(
    r"\bwin(?:dows)? ?1[01](?: (?:pro|home|\d\dh\d))*\W{1,3}(?:(?:with|and|under|using|on|via) )?WSL ?2?\b", re.IGNORECASE
)
"""`Windows 11 WSL2`, which names one place."""
_PATHS = (
    (
        re.compile(
            r"(?<![A-Za-z])[A-Za-z]:\\+\w|\.pyd\b|cp\d+-win_amd64|site-packages\\|WinError|PS [A-Z]:\\"
            r"|\bTCC/WDDM\b|\bDriver-Model\b|\bWDDM +\|"  # nvidia-smi has these columns there only
            r"|^Built on \w{3}_.*_(?:Daylight|Standard)_Time_\d{4}"  # nvcc names the zone in full there only
        ),
        "windows",
    ),
    (
        re.compile(
            r"\b(?:on|using|under|my) [Ww]indows\b(?! (?:on|S))|^\W*(?:os\W+)?win(?:dows)?\W*$"
            r"|^\W*windows (?:install(?:ation)?|error|issue|problem)\b",
            re.I,
        ),
        "windows",
    ),
    (re.compile(r"(?<![A-Z]:)/Users/|/opt/homebrew/|/private/var/folders/|\.dylib\b|-darwin\.so|macosx_"), "macos"),
    (
        re.compile(
            r"x86_64-linux-gnu|manylinux|/usr/lib/|/lib64/|/root/|/opt/conda|(?<![\w/])/home/|linux-vdso|apt-get|dist-packages"
            r"|sudo "
        ),
        "linux",
    ),
)


def parse_prose(lines: Sequence[str]) -> Iterator[Stated]:
    """Every fact that is mentioned."""
    for number, line in enumerate(lines, start=1):
        if not line or len(line) > 2000:
            continue
        yield from _parse_line(line, number)
        if "/mnt/" in line or "/wsl/" in line:
            yield from (Stated("os", "WSL", number, FILLED_IN, "path") for _ in _WSL.findall(line)[:1])
        if "wsl" in line.lower() and _IN_WSL.search(line):
            yield Stated("os", "WSL", number, FILLED_IN, "mentioned")
        for pattern, system in _PATHS:
            if pattern.search(line):
                yield Stated("os.hint", system, number, HINTED, "path")


def uncut_name(name: str) -> str | None:
    """What is left of a name, without a piece of a word at its end; None where no number is left, which tells nothing."""
    name = name.rstrip(".")
    if _SHORT.search(name):
        return f"{name}0"
    return _FRAGMENT.sub("", name) if re.search(r"\d", name) or name.lower().endswith(("titan", "rtx")) else None


def _first_column(matches: Iterator[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Without what stands in a further column of a table, `torch==2.7.1   torch==2.7.0`: that is another machine."""
    told: set[str] = set()
    for match in matches:
        name = match["name"].lower()
        if name not in told or not re.search(r"(?:\s{3}|\t|\|\s*)$", match.string[: match.start()]):
            told.add(name)
            yield match


def _parse_line(line: str, number: int) -> Iterator[Stated]:
    named: list[re.Match[str]] = []
    if _SURE_GPU.search(line):
        for match in GPU_NAME.finditer(line):
            named.append(match)
            name = _RX_LEFT_OUT.sub("Radeon RX ", match[0].strip())
            is_cut = name.endswith("...") or line.startswith("...", match.end())
            yield Stated("gpu", (uncut_name(name) or name) if is_cut else name, number, MENTIONED, "mentioned")
    for match in _BARE.finditer(line):
        number_of = match["after"] or match["before"] or match["alone"]
        if any(one.start() <= match.start() < one.end() for one in named):
            continue  # `3070 Laptop` of `RTX 3070 Laptop GPU`
        yield Stated("gpu", f"{'GTX' if number_of[0] == '1' else 'RTX'} {number_of}", number, MENTIONED, "mentioned")
    for match in _SERIES.finditer(line):
        yield Stated("gpu.series", match["series"] or match["bare"], number, MENTIONED, "mentioned")
    if "gfx" in line:
        yield from (Stated("gfx", match[1], number, MENTIONED, "mentioned") for match in GFX.finditer(line))
    for pattern, topic in ((_DRIVER, "driver"), (_LEGACY, "driver"), (_CUDA, "cuda"), (_PYTHON, "python"), (_SYSTEMS, "os")):
        yield from (Stated(topic, match[1], number, MENTIONED, "mentioned") for match in pattern.finditer(line))
    if "gcc" in line.lower() and not _GCC_WISH.search(line):
        yield from (Stated("gcc", match[1], number, MENTIONED, "mentioned") for match in _GCC.finditer(line))
    if (alone := _CUDA_ALONE.match(line)) is not None:
        yield Stated("cuda", alone[1], number, FILLED_IN, "form")
    for match in _first_column(_NAMED.finditer(line)) if not _WISH.search(line) else ():
        name = {"pytorch": "torch", "tf": "tensorflow"}.get(match["name"].lower(), match["name"])
        build = _BUILD_AFTER.match(line, match.end()) if name.startswith("torch") and "+" not in match["version"] else None
        version = match["version"] if build is None else f"{match['version']}+{build[1].lower()}"
        yield Stated(f"package.{normal(name.replace(' ', '-'))}", version, number, MENTIONED, "mentioned")
    if "+" in line and not _COMPANION.search(line) and not _WISH.search(line):
        builds = {match["version"] for match in _BUILD_ALONE.finditer(line)}
        if len(builds) == 1:  # more are those that an index holds
            yield Stated("package.torch", builds.pop(), number, MENTIONED, "mentioned")
    if "capability" in line and not _ASKED.search(line):
        yield from (Stated("capability", match[1], number, MENTIONED, "mentioned") for match in _CAPABILITY.finditer(line))
    if arm := _ARM.search(line):
        of_linux = arm[0].lower() in {"aarch64", "jetson", "jetpack", "dgx spark", "grace hopper"}
        yield Stated("machine", "aarch64" if of_linux else "arm64", number, MENTIONED, "mentioned")
    if _INTEL_MAC.search(line):
        yield Stated("os", "macOS (x86_64)", number, MENTIONED, "mentioned")
    elif apple := _APPLE.search(line):
        yield Stated("gpu.apple", apple[1] or apple[2], number, MENTIONED, "mentioned")
