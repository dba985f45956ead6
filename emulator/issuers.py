# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outside identity providers, such as GitHub's and GitLab's: their tokens, and what an application trusts of them."""

from __future__ import annotations

import time
import uuid
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEYS = {"known": "key-of-an-outside-issuer", "forged": "key-of-nobody"}


@lru_cache(maxsize=2)
def _key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def issued(issuer: str, subject: str, audience: str, lifetime: int = 600, forged: bool = False) -> str:
    """A token as a provider issues it; a forged one is signed by somebody else."""
    now = int(time.time())
    claims = {"iss": issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now - 5, "exp": now + lifetime, "jti": str(uuid.uuid4())}
    name = "forged" if forged else "known"
    return jwt.encode(claims, _key(name), algorithm="RS256", headers={"kid": KEYS["known"]})


def read(token: str) -> dict[str, Any]:
    """What a provider's token says. Raises jwt.InvalidTokenError when its signature does not hold; times are not looked at."""
    public = _key("known").public_key()
    return jwt.decode(
        token, public, algorithms=["RS256"], options={"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    )
