"""IP addresses as text that sorts: what makes a block of addresses a range of an index, on every database."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.db import models

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_WIDTH = 33  # a version digit and 128 bits in hexadecimal


def packed(value: str) -> str:
    """`4` or `6` and the address in 32 hexadecimal digits; empty for what is no address."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return ""
    return _pack(address)


def packed_range(network: Network) -> tuple[str, str]:
    """The packed first and last address of a block."""
    return _pack(network.network_address), _pack(network.broadcast_address)


def _pack(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return f"{address.version}{int(address):032x}"


class PackedAddressField(models.CharField):
    """The packed form of the address in another field of the row, written whenever the row is, also in bulk."""

    def __init__(self, *, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(**{"max_length": _WIDTH, "blank": True, "editable": False} | options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        return name, path, list(args), options | {"of": self.of}

    def pre_save(self, instance: models.Model, add: bool) -> str:
        value = packed(getattr(instance, self.of))
        setattr(instance, self.attname, value)
        return value
