"""Who a session is of."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from accounts_app.models import User
from core_app.prepared import Prepared, Slot, columns_of

_BY_KEY = Prepared(lambda: User.objects.filter(pk=Slot("key")).order_by().values_list(*columns_of(User)))


class SessionBackend(AuthenticationBackend):
    """Allauth's, which asks for the person of every request by a statement that is written once."""

    def get_user(self, user_id: int) -> User | None:
        """The person with that key; None if they are gone or may not log in."""
        user = next(_BY_KEY.objects(User, key=user_id), None)
        return user if user is not None and self.user_can_authenticate(user) else None
