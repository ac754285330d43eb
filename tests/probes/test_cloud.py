"""Clouds and managed notebooks, without a network."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import CloudInstance, Unknown
from envdoctor.probes.cloud import DMI, probe_cloud
from envdoctor.system.port import Denied
from tests.machines import Machine


def _dmi(**strings: str) -> dict[str, str]:
    return {f"{DMI}/{name}": value + "\n" for name, value in strings.items()}


AZURE = _dmi(
    sys_vendor="Microsoft Corporation", product_name="Virtual Machine", chassis_asset_tag="7783-7084-3265-9085-8269-3286-77"
)
GCP = _dmi(sys_vendor="Google", product_name="Google Compute Engine")


@pytest.mark.parametrize(
    ("files", "variables", "provider", "kind", "notebook"),
    [
        (_dmi(sys_vendor="Amazon EC2", product_name="p4d.24xlarge"), {}, "aws", "p4d.24xlarge", None),
        (_dmi(sys_vendor="Amazon EC2", product_name="p5.48xlarge", bios_version="1.0"), {}, "aws", "p5.48xlarge", None),
        (_dmi(sys_vendor="Amazon EC2", product_name="g4dn.metal"), {}, "aws", "g4dn.metal", None),
        (_dmi(sys_vendor="Amazon EC2", product_name="u-12tb1.112xlarge"), {}, "aws", "u-12tb1.112xlarge", None),
        (_dmi(sys_vendor="Xen", product_name="HVM domU", bios_version="4.2.amazon"), {}, "aws", Unknown, None),
        ({"/sys/hypervisor/uuid": "ec2e1916-9099-7caf-fd21-012345abcdef\n"}, {}, "aws", Unknown, None),
        (AZURE, {}, "azure", Unknown, None),
        (GCP, {}, "gcp", Unknown, None),
        (_dmi(sys_vendor="QEMU", chassis_asset_tag="OracleCloud.com"), {}, "oracle", Unknown, None),
        (_dmi(sys_vendor="Alibaba Cloud", product_name="Alibaba Cloud ECS"), {}, "alibaba", Unknown, None),
        ({"/run/cloud-init/cloud-id": "azure\n"}, {}, "azure", Unknown, None),
        (GCP, {"COLAB_RELEASE_TAG": "release-colab_20260101"}, "gcp", Unknown, "colab"),
        ({}, {"COLAB_GPU": "1"}, None, None, "colab"),
        ({}, {"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, None, None, "kaggle"),
        ({"/kaggle/input/x": ""}, {}, None, None, "kaggle"),
        ({"/opt/ml/metadata/resource-metadata.json": "{}"}, {}, None, None, "sagemaker"),
        (
            {"/opt/ml/input/config/resourceconfig.json": '{"hosts": [], "current_instance_type": "ml.p4d.24xlarge"}'},
            {}, None, "ml.p4d.24xlarge", "sagemaker",
        ),
        ({}, {"DATABRICKS_RUNTIME_VERSION": "15.4"}, None, None, "databricks"),
    ],
)  # fmt: skip
def test_clouds(files: dict[str, str], variables: dict[str, str], provider: str, kind: object, notebook: str) -> None:
    found = probe_cloud(Machine(files, variables=variables))
    assert isinstance(found, CloudInstance)
    assert (found.provider, found.notebook) == (provider, notebook)
    assert isinstance(found.kind, Unknown) if kind is Unknown else found.kind == kind
    assert found.source


def test_a_machine_of_one_s_own() -> None:
    assert probe_cloud(Machine(_dmi(sys_vendor="Dell Inc.", product_name="PowerEdge XE9680"))) is None
    assert probe_cloud(Machine(_dmi(sys_vendor="Google", product_name="Eve"))) is None
    assert probe_cloud(Machine(_dmi(sys_vendor="Microsoft Corporation", product_name="Virtual Machine"))) is None


def test_where_nothing_tells() -> None:
    assert isinstance(probe_cloud(Machine({})), Unknown)
    assert isinstance(probe_cloud(Machine({f"{DMI}/sys_vendor": Denied("x", "no permission")})), Unknown)
