"""Names that the wire asks for and this house does not keep."""

from uuid import UUID, uuid5

_URN = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
# One installation is one organisation; the id has to be a UUID, and the same for ever.
ORGANISATION = str(uuid5(_URN, "urn:tocsin:organisation"))


def permission_id(name: str) -> str:
    """The id of a permission: a UUID made from its name, so the same in every installation."""
    return str(uuid5(_URN, f"urn:tocsin:permission:{name}"))
