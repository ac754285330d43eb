# mypy: ignore-errors
"""Memory modules from the firmware's tables (SMBIOS type 17), which only root may read, and guests often lack."""

import glob


def read_modules():
    """A dictionary for each module that is there; an empty list where nothing can be read."""
    found = []
    for path in sorted(glob.glob("/sys/firmware/dmi/entries/17-*/raw")):
        try:
            with open(path, "rb") as file:
                module = parse_module(file.read(4096))
        except OSError:
            return []
        if module is not None:
            found.append(module)
    return found


def parse_module(raw):
    """Width in bits, configured rate, slot and bank of one structure; None for an empty slot, or what is no such structure."""
    if len(raw) < 0x17 or raw[0] != 17 or raw[1] > len(raw):
        return None
    length = raw[1]
    words = [part.decode("latin-1") for part in raw[length:].split(b"\0")]

    def number(at):
        return int.from_bytes(raw[at : at + 2], "little") if length >= at + 2 else 0

    def word(at):
        index = raw[at]
        return words[index - 1].strip() if 0 < index <= len(words) else ""

    if number(0x0C) in (0, 0xFFFF):  # size: an empty slot, or not known
        return None
    rate = number(0x20) or number(0x15)
    return {"bits": number(0x0A), "mt_per_s": rate, "place": word(0x10), "bank": word(0x11)}
