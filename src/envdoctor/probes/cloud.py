"""The cloud that a machine is rented from, its kind, and managed notebooks: no network is asked.

Sources, in order: DMI strings; /sys/hypervisor/uuid; the word that cloud-init leaves in /run (its larger files hold names and
keys, which have no place in a recording); SageMaker's files; the variables that notebook services set.
"""

from __future__ import annotations

import re

from envdoctor.model.facts import CloudInstance
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, read_line, read_text, variable
from envdoctor.system.port import System

DMI = "/sys/class/dmi/id"
_NAMES = ("sys_vendor", "product_name", "chassis_asset_tag", "bios_version", "chassis_vendor")
_AZURE_TAG = "7783-7084-3265-9085-8269-3286-77"
"""The chassis asset tag of every virtual machine of Azure's (Microsoft's documentation of its metadata service)."""
_PROVIDERS = (
    ("amazon", "aws"), (_AZURE_TAG, "azure"), ("google compute engine", "gcp"), ("oraclecloud", "oracle"),
    ("alibaba cloud", "alibaba"), ("tencent cloud", "tencent"), ("huaweicloud", "huawei"), ("digitalocean", "digitalocean"),
    ("hetzner", "hetzner"), ("vultr", "vultr"), ("linode", "linode"), ("akamai", "linode"), ("scaleway", "scaleway"),
    ("ibm:cloud", "ibm"), ("nebius", "nebius"), ("exoscale", "exoscale"), ("upcloud", "upcloud"), ("ovhcloud", "ovh"),
)  # fmt: skip
"""What the strings have in them, as cloud-init's tool ds-identify looks for it too."""
_EC2_KIND = r"^[a-z][a-z0-9-]{0,20}\.[a-z0-9-]{1,20}$"
_INIT = "/run/cloud-init/cloud-id"
_INIT_CLOUDS = {
    "aws": "aws", "azure": "azure", "gce": "gcp", "oracle": "oracle", "aliyun": "alibaba", "digitalocean": "digitalocean",
    "hetzner": "hetzner", "vultr": "vultr", "scaleway": "scaleway", "exoscale": "exoscale", "upcloud": "upcloud",
    "akamai": "linode", "ibmcloud": "ibm", "lambda": "lambda",
}  # fmt: skip
_SAGEMAKER = "/opt/ml/input/config/resourceconfig.json"
_SAGEMAKER_APP = "/opt/ml/metadata/resource-metadata.json"
_NOTEBOOKS = (
    ("COLAB_RELEASE_TAG", "colab"), ("COLAB_GPU", "colab"), ("KAGGLE_KERNEL_RUN_TYPE", "kaggle"),
    ("SM_CURRENT_INSTANCE_TYPE", "sagemaker"), ("SAGEMAKER_INTERNAL_IMAGE_URI", "sagemaker"), ("AZUREML_RUN_ID", "azureml"),
    ("VERTEX_PRODUCT", "vertex"), ("DATABRICKS_RUNTIME_VERSION", "databricks"), ("PAPERSPACE_METRIC_WORKLOAD_ID", "paperspace"),
    ("LIGHTNING_CLOUD_SPACE_ID", "lightning"), ("DEEPNOTE_PROJECT_ID", "deepnote"), ("BINDER_LAUNCH_HOST", "binder"),
    ("CODESPACES", "codespaces"),
)  # fmt: skip
_NOT_STATED = Unknown("neither DMI nor a file states the kind of instance, and no network is asked")


def probe_cloud(system: System) -> CloudInstance | Unknown | None:
    """Whose machine this is; None where DMI shows none of the clouds and nothing a notebook, Unknown without DMI."""
    strings = [read_line(system, f"{DMI}/{name}") for name in _NAMES]
    stated = [line for line in strings if isinstance(line, str) and line]
    provider, kind, source = _by_dmi(stated) or _by_hypervisor(system) or _by_init(system) or (None, None, "")
    notebook = _notebook(system)
    if notebook:
        source = ", ".join(filter(None, [source, notebook[1]]))
    if provider is None and notebook is None:
        return None if stated else Unknown("there are no DMI strings that would tell")
    if kind is None and notebook and notebook[0] == "sagemaker":
        kind = _sagemaker_kind(system)
    return CloudInstance(provider, kind or (_NOT_STATED if provider else None), notebook[0] if notebook else None, source)


_Sighting = tuple[str, "str | None", str]


def _by_dmi(stated: list[str]) -> _Sighting | None:
    joined = "\n".join(stated).lower()
    provider = next((name for word, name in _PROVIDERS if word in joined), None)
    if provider is None:
        return None
    kind = next((line for line in stated if re.match(_EC2_KIND, line)), None) if provider == "aws" else None
    return provider, kind, DMI


def _by_hypervisor(system: System) -> _Sighting | None:
    """Xen machines of Amazon's begin their number with `ec2`."""
    number = read_line(system, "/sys/hypervisor/uuid")
    return ("aws", None, "/sys/hypervisor/uuid") if isinstance(number, str) and number.lower().startswith("ec2") else None


def _by_init(system: System) -> _Sighting | None:
    word = read_line(system, _INIT)
    provider = _INIT_CLOUDS.get(word) if isinstance(word, str) else None
    return (provider, None, _INIT) if provider else None


def _notebook(system: System) -> tuple[str, str] | None:
    found = next(((name, key) for key, name in _NOTEBOOKS if variable(system, key)), None)
    if found is None:
        files = ((_SAGEMAKER_APP, "sagemaker"), (_SAGEMAKER, "sagemaker"), ("/kaggle/input", "kaggle"))
        found = next(((name, path) for path, name in files if is_there(system, path)), None)
    return found


def _sagemaker_kind(system: System) -> str | None:
    text = read_text(system, _SAGEMAKER)
    match = re.search(r'"current_instance_type": ?"([\w.-]{3,40})"', text) if isinstance(text, str) else None
    return match[1] if match else None
