"""Which image a store holds: its configuration and the names of its layers, from either kind of manifest.

Sources: OCI image specification, "Image Layout", "Image Index", "Image Manifest"; Docker image specification v1.2,
"Combined Image JSON + Filesystem Changeset Format" (manifest.json).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from envdoctor.model.record import record
from envdoctor.system.oci.config import Config, parse_config, parse_document, parse_json
from envdoctor.system.oci.limits import LAYERS_LIMIT, NESTING_LIMIT
from envdoctor.system.oci.stores import Store
from envdoctor.system.port import Malformed, Missing, Unsupported

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MANIFESTS_LIMIT = 256
_ATTESTATION = "vnd.docker.reference.type"
_IDENTITY_LEAST = 6
"""Digits that tell an image from others well enough."""
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


@record
class Image:
    """An image that can be opened."""

    config: Config
    layers: tuple[str, ...]
    """Names of blobs, lowest first."""
    sizes: tuple[int, ...]
    """Of the layers as the manifest states them; none where it does not."""
    names: tuple[str, ...]
    """What people call it; may be none."""
    identity: str = ""
    """The digest of its configuration, in hexadecimal digits: what `docker images` shows the beginning of."""


def find_images(store: Store) -> tuple[Image, ...]:
    """All images of a store, each once.

    Raises:
        SourceError: there is none, or a document is damaged or missing.
    """
    if store.has("index.json"):
        return _images_of_layout(store)
    if store.has("manifest.json"):
        return _images_of_archive(store)
    if store.has("repositories"):
        raise Unsupported("repositories", "an archive of Docker before 1.10; load it into a newer Docker and save it again")
    raise Malformed("index.json", "neither an OCI layout (index.json) nor a `docker save` archive (manifest.json)")


def _images_of_layout(store: Store) -> tuple[Image, ...]:
    documents: dict[str, dict[str, Any]] = {}
    names: dict[str, tuple[str, ...]] = {}
    absent: list[Missing] = []
    pending = [
        (one, _names_of(one), 0) for one in _listed(parse_document(store.document("index.json"), "index.json"), "index.json")
    ]
    while pending and len(documents) < _MANIFESTS_LIMIT:
        descriptor, called, depth = pending.pop(0)
        digest = _digest(descriptor, "manifest")
        names[digest] = names.get(digest, ()) + called
        if digest in documents or depth > NESTING_LIMIT or _is_attestation(descriptor):
            continue
        try:
            document = documents[digest] = parse_document(store.document(blob_name(digest)), digest)
        except Missing as error:  # of an index for several platforms only some may have been saved
            absent.append(error)
            continue
        if "manifests" in document:
            pending += [(one, called + _names_of(one), depth + 1) for one in _listed(document, digest)]
    images = [_image(store, document, digest, names[digest]) for digest, document in documents.items() if _is_image(document)]
    if not images:
        raise absent[0] if absent else Malformed("index.json", "it lists no image")
    return tuple(images)


def _image(store: Store, document: dict[str, Any], digest: str, names: tuple[str, ...]) -> Image:
    config = document.get("config")
    layers = document.get("layers")
    if not isinstance(config, dict) or not isinstance(layers, list) or not all(isinstance(one, dict) for one in layers):
        raise Malformed(digest, "a manifest without configuration and layers")
    name = blob_name(_digest(config, digest))
    sizes = tuple(one.get("size") for one in layers)
    if not all(isinstance(size, int) and size >= 0 for size in sizes):
        raise Malformed(digest, "a layer without a size")
    found = Image(
        config=parse_config(store.document(name), name),
        layers=tuple(blob_name(_digest(one, digest)) for one in layers),
        sizes=sizes,
        names=tuple(dict.fromkeys(names)),
        identity=name.rpartition("/")[2],
    )
    return _checked(found, digest)


def _images_of_archive(store: Store) -> tuple[Image, ...]:
    listed = parse_json(store.document("manifest.json"), "manifest.json")
    if not isinstance(listed, list) or not listed or not all(isinstance(entry, dict) for entry in listed):
        raise Malformed("manifest.json", "not a list of images")
    images: dict[str, Image] = {}
    for entry in listed[:_MANIFESTS_LIMIT]:
        name, layers, tags = entry.get("Config"), entry.get("Layers") or [], entry.get("RepoTags") or []
        texts = [name, *layers, *tags] if isinstance(layers, list) and isinstance(tags, list) else [None]
        if not all(isinstance(text, str) for text in texts):
            raise Malformed("manifest.json", "an image without Config and Layers")
        data = store.document(name)
        _check_config_name(name, data)
        identity = hashlib.sha256(data).hexdigest()
        found = Image(parse_config(data, name), tuple(layers), (), tuple(tags), identity)
        if len(found.config.layer_digests) != len(layers):
            raise Malformed(name, f"it tells of {len(found.config.layer_digests)} layers, manifest.json of {len(layers)}")
        images[name] = _checked(found, "manifest.json")
    return tuple(images.values())


def choose_image(images: tuple[Image, ...], platform: str | None, machine: str, called: str | None = None) -> Image:
    """The image of a name for a platform; without one, the only image, or the one for this machine.

    Args:
        images: what there is.
        platform: `linux/arm64`, `arm64` or `aarch64`.
        machine: this machine's architecture as `uname -m` words it.
        called: what people call it, or the beginning of its identity; None for whichever there is.

    Raises:
        Unsupported: none fits, or several do.
    """
    if called is not None:
        named = tuple(image for image in images if is_called(image, called))
        if not named:
            raise Unsupported("", f"it holds no image called {called}, only {_listing(images)}")
        images = named
    if platform is None and len(images) == 1:
        return images[0]
    wanted = platform or machine
    fitting = [image for image in images if _fits(image.config, wanted)]
    if not fitting:
        platforms = ", ".join(sorted({image.config.platform for image in images}))
        raise Unsupported("", f"it holds no image for {wanted}, only for {platforms}")
    if len({image.config.variant for image in fitting}) < len(fitting):
        raise Unsupported("", f"it holds {len(fitting)} images: {_listing(fitting)}; --image-name NAME says which one is meant")
    return min(fitting, key=lambda image: image.config.variant)


def is_called(image: Image, called: str) -> bool:
    """Whether a name means an image: as it is stated, as Docker completes it, or the beginning of its identity."""
    digits = called.removeprefix("sha256:").lower()
    if len(digits) >= _IDENTITY_LEAST and image.identity.startswith(digits):
        return True
    return called in image.names or _completed(called) in map(_completed, image.names)


def _completed(name: str) -> str:
    """A name without the registry that Docker supposes, and with the tag: `docker.io/library/app` is `app:latest`."""
    for registry in ("docker.io/library/", "docker.io/", "localhost/"):
        name = name.removeprefix(registry)
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _listing(images: Iterable[Image]) -> str:
    words = {" or ".join(image.names) or f"{image.identity[:12]} (without a name)" for image in images}
    return ", ".join(sorted(words))


def blob_name(digest: str) -> str:
    """Where a layout has the blob of a digest."""
    return "blobs/" + digest.replace(":", "/", 1)


def _fits(config: Config, wanted: str) -> bool:
    system, slash, rest = wanted.lower().partition("/")
    if not slash:
        return wanted.lower() in {config.architecture, config.machine, {"arm64": "aarch64"}.get(config.machine)}
    architecture, _slash, variant = rest.partition("/")
    return config.os == system and architecture in {config.architecture, config.machine} and variant in {"", config.variant}


def _checked(image: Image, name: str) -> Image:
    if len(image.layers) > LAYERS_LIMIT:
        raise Malformed(name, f"{len(image.layers)} layers, more than any image has")
    if image.config.os not in {"linux", ""}:
        raise Unsupported(name, f"an image for {image.config.os}; only those for Linux are read")
    return image


def _listed(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    listed = document.get("manifests")
    if not isinstance(listed, list) or len(listed) > _MANIFESTS_LIMIT or not all(isinstance(one, dict) for one in listed):
        raise Malformed(name, "no list of manifests")
    return listed


def _digest(descriptor: dict[str, Any], name: str) -> str:
    digest = descriptor.get("digest")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise Malformed(name, f"{str(digest)[:90]!r} is no digest that can be checked (sha256:...)")
    return digest


def _is_attestation(descriptor: dict[str, Any]) -> bool:
    annotations = descriptor.get("annotations")
    return isinstance(annotations, dict) and _ATTESTATION in annotations


def _is_image(document: dict[str, Any]) -> bool:
    """Not an index, a signature, a chart or another artifact."""
    config = document.get("config")
    if "manifests" in document:
        return False
    kind = config.get("mediaType", "") if isinstance(config, dict) else ""
    return isinstance(kind, str) and (not kind or "image" in kind)


def _names_of(descriptor: dict[str, Any]) -> tuple[str, ...]:
    annotations = descriptor.get("annotations")
    named = [annotations.get(key) for key in _NAMES] if isinstance(annotations, dict) else []
    return tuple(name for name in named if isinstance(name, str) and name)


def _check_config_name(name: str, data: bytes) -> None:
    """Docker's archives name a configuration by its digest."""
    found = re.fullmatch(r"(?:sha256:)?([0-9a-f]{64})(?:\.json)?", name)
    if found and hashlib.sha256(data).hexdigest() != found[1]:
        raise Malformed(name, "the digest is wrong")
