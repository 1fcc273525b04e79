"""Lets MiniStack name a user's groups in renewed tokens as well, which it leaves out.

Cognito's access and ID tokens carry ``cognito:groups`` however they were got. MiniStack 1.5.33 leaves it out of those
that a refresh token gets at the token endpoint, so that a user of the console has no right any more once the first
token is over. tests/integration/test_user_groups.py runs the emulator without this and fails as soon as it can do it by
itself: this module and its call in launcher.py go then.
"""

from typing import Any

from ministack.services import cognito

_RENEWED = "TokenGeneration_RefreshTokens"


def install() -> None:
    """Wrap the emulator's way of making a token. Call it once, before the emulator starts."""
    make = cognito._fake_token  # noqa: SLF001  the emulator has no hook for this

    def with_groups(sub: str, pool_id: str, *arguments: Any, **told: Any) -> str:  # noqa: ANN401
        if told.get("trigger_source") == _RENEWED and not told.get("groups"):
            told["groups"] = _groups_of(pool_id, told.get("username", ""))
        token: str = make(sub, pool_id, *arguments, **told)
        return token

    cognito._fake_token = with_groups  # noqa: SLF001


def _groups_of(pool_id: str, username: str) -> list[str]:
    pool = cognito._get_pool_unscoped(pool_id) or {}  # noqa: SLF001
    user = pool.get("_users", {}).get(username, {})
    return [name for name in user.get("_groups", []) if name in pool.get("_groups", {})]
