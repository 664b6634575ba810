"""What the wire asks for and this house has only one of."""

from uuid import UUID, uuid5

# One installation is one organisation; the id has to be a UUID, and the same for ever.
ORGANISATION = str(uuid5(UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8"), "urn:tocsin:organisation"))
