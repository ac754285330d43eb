"""How much of an image is believed: what an archive claims never decides how much memory, disk or time is used.

The numbers are far above what real images have (a large image for training: 40 layers, 300,000 files, 30 GB) and low
enough that what is kept of any image stays below 256 MiB.
"""

from __future__ import annotations

LAYERS_LIMIT = 512
MEMBERS_LIMIT = 2_000_000
"""Tar headers of an image, all layers together."""
TREE_LIMIT_BYTES = 112 << 20
"""Of memory for the list of files, all layers together."""
NODE_COST_BYTES = 160
"""What a name and what it stands for take in memory, besides the name's letters."""
PATH_LIMIT_BYTES = 4096
NAME_LIMIT_BYTES = 255
"""As Linux has them."""
PIECES_LIMIT = 20_000
"""Of one file that is stored sparse."""
EXTENSION_LIMIT_BYTES = 1 << 20
"""Of one extended (PAX or GNU) header."""
DOCUMENT_LIMIT_BYTES = 4 << 20
"""Of a manifest, index or configuration: what registries accept."""
DOCUMENTS_LIMIT_BYTES = 24 << 20
"""Of all of them that a compressed archive holds."""
NESTING_LIMIT = 4
"""Indexes within indexes."""
UNPACKED_LIMIT_BYTES = 256 << 30
"""Of one compressed layer or archive, unpacked."""
RATIO_FLOOR_BYTES = 512 << 20
RATIO_LIMIT = 200
"""How many times its size something compressed may grow, once it is above the floor; software grows twofold to tenfold."""
CHECKPOINTS_LIMIT = 640
"""Places in gzip streams from which unpacking can go on, all layers together; each takes some 36 KiB."""
CACHE_LIMIT_BYTES = 16 << 20
"""Of unpacked blocks that are kept for the next question."""
SPOOL_MARGIN_BYTES = 256 << 20
"""Room that is left on the disk when layers are spooled."""
