"""Images: OCI layouts and `docker save` archives, read as if they were `/` without unpacking or running anything.

- `opening.open_image` finds the image and indexes its layers in one pass each: `stores`, `layout`, `config`, `layers`.
- `tar` and `tar_headers` read archives; `gunzip`, `inflated`, `unzstd` and `spool` unpack; `streams` and `blobs` are what
  they read from: once from beginning to end, and at any place.
- `layer_tree` and `nodes` keep what the layers bring and hide, merged; `image.Oci` answers questions about that.
"""

from envdoctor.system.oci.image import Oci
from envdoctor.system.oci.opening import open_image

__all__ = ["Oci", "open_image"]
