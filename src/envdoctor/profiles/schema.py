"""The schema of a profile file: which keys there are, what each takes, and what it means."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from envdoctor.profiles import keys, values

SCHEMA_URL = "https://json-schema.org/draft/2020-12/schema"


class Strict(BaseModel):
    """A mapping in a profile: keys that are not listed are errors."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


class OperatingSystem(Strict):
    """What the operating system must be."""

    system: keys.Systems | None = Field(None, description="`linux`, `windows` or `macos`; one or several.")
    distribution: keys.Words | None = Field(
        None, description="Ids of distributions as `/etc/os-release` writes them: `ubuntu`, `rhel`; their descendants count too."
    )
    version: keys.Range | None = Field(None, description="Version of the distribution, of macOS, or of Windows (`10.0.22631`).")


class Cpu(Strict):
    """What the processor must offer."""

    features: keys.Words | None = Field(None, description="Instruction sets in the words of Linux: `avx2`, `avx512f`, `sve`.")
    level: keys.Level | None = Field(None, description="Level of the x86-64 psABI; asks nothing of other architectures.")
    cores: keys.Range | None = Field(None, description="Cores that this process may use, limits of a container considered.")
    matmul_gflops: keys.Bounds | None = Field(None, description="Matrix products in fp32, 10^9 operations a second.")
    loading_samples_per_s: keys.Bounds | None = Field(
        None, description="CIFAR-sized images that loading workers prepare a second."
    )


class Ram(Strict):
    """How much main memory there must be."""

    total: keys.Size | None = Field(None, description="At least this much that this process may use.")
    copy_gb_per_s: keys.Bounds | None = Field(
        None, description="Copies by all processors, bytes read and written, 10^9 a second."
    )


class Disk(Strict):
    """What the disk must offer where the environment lies."""

    free: keys.Size | None = Field(None, description="At least this much free before the install.")
    read_mb_per_s: keys.Bounds | None = Field(None, description="Sequential reads past the page cache, 10^6 bytes a second.")
    write_mb_per_s: keys.Bounds | None = Field(None, description="Sequential writes to the disk itself, 10^6 bytes a second.")
    random_read_iops: keys.Bounds | None = Field(None, description="Random reads of 4 KiB a second, 32 of them under way.")


class Gpu(Strict):
    """What the GPUs must be. A GPU counts when it meets all of it."""

    vendor: keys.Vendor | None = Field(None, description="Who made it; `none` says that the profile is for machines without one.")
    count: keys.Range | None = Field(None, description="How many GPUs must meet the rest; at least one if not said.")
    memory: keys.Size | None = Field(None, description="At least this much memory on each GPU that counts.")
    compute_capability: keys.Range | None = Field(None, description='NVIDIA compute capability, like ">=7.5".')
    fp64_tflops: keys.Bounds | None = Field(None, description="Matrix products in fp64, 10^12 operations a second.")
    fp32_tflops: keys.Bounds | None = Field(None, description="The same in fp32, without TF32.")
    tf32_tflops: keys.Bounds | None = Field(None, description="The same in TF32.")
    fp16_tflops: keys.Bounds | None = Field(None, description="The same in fp16.")
    bf16_tflops: keys.Bounds | None = Field(None, description="The same in bf16.")
    fp8_tflops: keys.Bounds | None = Field(None, description="The same in fp8.")
    memory_gb_per_s: keys.Bounds | None = Field(
        None, description="Copies within its memory, bytes read and written, 10^9 a second."
    )
    host_to_device_gb_per_s: keys.Bounds | None = Field(None, description="Copies from pinned main memory, 10^9 bytes a second.")
    device_to_host_gb_per_s: keys.Bounds | None = Field(None, description="Copies to pinned main memory, 10^9 bytes a second.")
    peer_gb_per_s: keys.Bounds | None = Field(None, description="Copies between the slowest pair of GPUs, 10^9 bytes a second.")
    all_reduce_gb_per_s: keys.Bounds | None = Field(
        None, description="Bus bandwidth of an all-reduce over all GPUs, 10^9 bytes a second."
    )


def _check_requirement(line: str) -> str:
    return values.parse_requirement(line).line


class Package(Strict):
    """A package that must be there."""

    requirement: Annotated[keys.Text, AfterValidator(_check_requirement)] = Field(
        description='A PEP 508 line with a range: "torch>=2.1,<3". URLs are refused.'
    )
    build: keys.Build | None = Field(None, description="Which build, of a framework that comes in several.")
    optional: keys.Flag = Field(False, description="Left out, with a word why, where it cannot be had.")


def _short(key: str) -> BeforeValidator:
    """A lone value stands for a mapping with this one key."""
    return BeforeValidator(lambda value: value if isinstance(value, dict) else {key: value})


AnyOs = Annotated[OperatingSystem, _short("system"), keys.Also(keys.SYSTEMS_SCHEMA)]
AnyRam = Annotated[Ram, _short("total"), keys.Also(keys.SIZE_SCHEMA)]
AnyDisk = Annotated[Disk, _short("free"), keys.Also(keys.SIZE_SCHEMA)]
AnyPackage = Annotated[
    Package,
    BeforeValidator(lambda entry: {"requirement": entry} if isinstance(entry, str) else entry),
    keys.Also({"type": "string"}),
]


class Conda(Strict):
    """What conda brings where it makes the environment; all other packages come as wheels, into the same environment."""

    channels: keys.Channels | None = Field(
        None, description="Where to look, the strongest first; what conda is configured to, if not said."
    )
    packages: keys.CondaSpecs | None = Field(
        None, description="Packages in conda's own words: `caffe=1.0`, `cuda-nvcc>=12.4,<13`. Python itself is `python`, above."
    )


class ProfileFile(Strict):
    """What an environment must be.

    Every key but `title` may be left out, and asks for nothing then; `null` drops what `extends` brought.
    """

    name: keys.Name | None = Field(None, description="The name of the file without `.yaml`; nothing else is accepted.")
    title: keys.Text = Field(description="One line for the list of profiles.")
    description: keys.Text | None = Field(None, description="What it is for, and why its floors are what they are.")
    extends: keys.Words | None = Field(
        None, description="Profiles to start from: names, or paths inside the folder of this file. What stands here wins."
    )
    os: AnyOs | None = Field(None, description="The operating system; a lone word is its `system`.")
    architecture: keys.Architectures | None = Field(None, description="`x86_64`, `aarch64`, `arm64`; one or several.")
    glibc: keys.Range | None = Field(None, description="The C library; a system with another one (Alpine's musl) fails.")
    cpu: Cpu | None = Field(None, description="The processor.")
    ram: AnyRam | None = Field(None, description="Main memory; a lone size is its `total`.")
    disk: AnyDisk | None = Field(None, description="The disk where the environment lies; a lone size is its `free`.")
    shm: keys.Size | None = Field(None, description="Size of `/dev/shm`, through which data loading workers pass batches.")
    gpu: Gpu | None = Field(None, description="The GPUs.")
    accelerator: keys.Accelerator | None = Field(None, description="An accelerator that is no GPU.")
    driver: keys.Range | None = Field(None, description="Version of the NVIDIA driver.")
    cuda: keys.Range | None = Field(None, description="CUDA of the framework's build; not that of the driver, nor of a toolkit.")
    cudnn: keys.Range | None = Field(None, description="cuDNN of the framework's build.")
    toolkit: keys.Range | None = Field(None, description="CUDA toolkit with nvcc on the machine, for compiling.")
    python: keys.Range | None = Field(None, description="Version of Python.")
    packages: list[AnyPackage] | None = Field(None, description="Python packages: PEP 508 lines, or mappings.")
    imports: keys.Modules | None = Field(None, description="Modules that must import once the profile is installed.")
    variables: dict[keys.VariableName, keys.Variable] | None = Field(
        None, description='Environment variables: a value, "*" for any value, or null for one that must not be set.'
    )
    tools: dict[keys.ToolName, keys.Tool] | None = Field(
        None, description='Programs that must be there: a range, or "*" for any version.'
    )
    notes: keys.Words | None = Field(None, description="What a person should know beside all this.")
    retired: keys.Text | None = Field(None, description="Why this profile is for old work only.")
    backend: keys.Backend | None = Field(None, description="`conda` where pip alone cannot provide the packages.")
    conda: Conda | None = Field(None, description="What conda brings, where it makes the environment.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a profile file, for editors."""
    return {"$schema": SCHEMA_URL, **ProfileFile.model_json_schema(), "title": "envdoctor profile"}
