"""What conda is configured to: channels, mirrors, proxies, and what of it is secret."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from envdoctor.model.record import record

ALIAS = "https://conda.anaconda.org"
"""What a channel's name is put behind, where nothing else is configured."""
DEFAULTS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
"""What the channel named `defaults` stands for."""
FAMILY = ("conda", "mamba", "micromamba", "rattler")
"""The backends that make conda environments; rattler is the one that envdoctor brings along."""
_TOKEN = re.compile(r"/t/([^/]+)")
_TELLING_LETTERS = 4


@record
class CondaSettings:
    """conda's own configuration, of all its files and variables together."""

    channels: tuple[str, ...] = ()
    """As they are written, the strongest first; empty where none are configured."""
    channel_alias: str = ALIAS
    default_channels: tuple[str, ...] = DEFAULTS
    custom_channels: tuple[tuple[str, str], ...] = ()
    """(name, the address that the name is put behind)."""
    multichannels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(name, the channels that it stands for)."""
    mirrors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """mamba's `mirrored_channels`: (name, the addresses that hold the same)."""
    proxies: tuple[tuple[str, str], ...] = ()
    """(`http` or `https`, address)."""
    certificate: str | None = None
    """A file of certificate authorities to trust."""
    insecure: bool = False
    """`ssl_verify: false`."""
    offline: bool = False
    priority: str | None = None
    """`strict`, `flexible`, `disabled`; None where not configured."""
    sources: tuple[str, ...] = ()
    """The files and variables that said something."""

    def addresses(self, channel: str) -> tuple[str, ...]:
        """The addresses of a channel by its name, as conda works them out."""
        named = dict(self.multichannels).get(channel, self.default_channels if channel == "defaults" else None)
        if named is not None:
            return tuple(address for one in named if one != channel for address in self.addresses(one))
        mirrors = dict(self.mirrors).get(channel)
        if mirrors:
            return mirrors[:1]
        if "://" in channel:
            return (channel.rstrip("/"),)
        if channel.startswith(("/", "./", "../", "~")):
            return (channel,)
        custom = [(name, base) for name, base in self.custom_channels if channel == name or channel.startswith(f"{name}/")]
        base = max(custom, key=lambda pair: len(pair[0]))[1] if custom else self.channel_alias
        return (f"{base.rstrip('/')}/{channel}",)

    def secrets(self) -> tuple[str, ...]:
        """The words in it that are never shown."""
        stated = (*self.channels, self.channel_alias, *self.default_channels, *(base for _name, base in self.custom_channels))
        several = (*self.multichannels, *self.mirrors)
        everything = (*stated, *(one for _name, some in several for one in some), *(address for _kind, address in self.proxies))
        return tuple(dict.fromkeys(word for address in everything for word in channel_secrets(address)))


def channel_secrets(address: str) -> tuple[str, ...]:
    """The user name with the password, and the token, inside the address of a channel."""
    found = [token for token in _TOKEN.findall(address) if token]
    if "@" in address and "://" in address:
        parts = urlsplit(address)
        password = parts.password or ""
        found += [parts.netloc.rpartition("@")[0], *(word for word in (password, unquote(password)) if word)]
    return tuple(dict.fromkeys(word for word in found if len(word) >= _TELLING_LETTERS))


def without_secrets(address: str) -> str:
    """An address as a person may see it."""
    for word in channel_secrets(address):
        address = address.replace(word, "***")
    return address
