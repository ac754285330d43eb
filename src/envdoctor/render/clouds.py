"""A rented machine and a managed notebook in words."""

from __future__ import annotations

from envdoctor.model.facts import CloudInstance, Unknown
from envdoctor.model.unknown import known

_NAMES = {
    "aws": "AWS", "azure": "Azure", "gcp": "Google Cloud", "oracle": "Oracle Cloud", "alibaba": "Alibaba Cloud",
    "tencent": "Tencent Cloud", "huawei": "Huawei Cloud", "digitalocean": "DigitalOcean", "hetzner": "Hetzner", "vultr": "Vultr",
    "linode": "Linode", "scaleway": "Scaleway", "ibm": "IBM Cloud", "nebius": "Nebius", "exoscale": "Exoscale",
    "upcloud": "UpCloud", "ovh": "OVHcloud", "lambda": "Lambda", "colab": "Colab", "sagemaker": "SageMaker", "kaggle": "Kaggle",
    "azureml": "Azure ML", "vertex": "Vertex AI", "databricks": "Databricks", "paperspace": "Paperspace",
    "lightning": "Lightning", "deepnote": "Deepnote", "binder": "Binder", "codespaces": "Codespaces",
}  # fmt: skip


def cloud_words(cloud: CloudInstance | Unknown | None) -> str:
    """`AWS p5.48xlarge`, `Colab on Google Cloud`; empty where nothing is known of a cloud."""
    if cloud is None or isinstance(cloud, Unknown):
        return ""
    rented = " ".join(filter(None, [_NAMES.get(cloud.provider or "", cloud.provider or ""), known(cloud.kind, "")]))
    notebook = _NAMES.get(cloud.notebook or "", cloud.notebook or "")
    return " on ".join(filter(None, [notebook, rented]))
