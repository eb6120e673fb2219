"""Passwords in the form of the original application (bcryptjs), so that it can verify them after a way back."""

import bcrypt
from django.contrib.auth.hashers import BCryptPasswordHasher


class SourceBcryptPasswordHasher(BCryptPasswordHasher):
    """bcrypt, 12 rounds, `$2b$`; only the first 72 bytes of a password count, as in bcryptjs."""

    rounds = 12
    password_bytes = 72

    def encode(self, password: str, salt: bytes) -> str:
        # bcrypt 5 raises for longer passwords, where bcryptjs cut them silently.
        data = bcrypt.hashpw(password.encode()[: self.password_bytes], salt)
        return f"{self.algorithm}${data.decode('ascii')}"

    def verify(self, password: str, encoded: str) -> bool:
        try:
            return super().verify(password, encoded)
        except ValueError:  # the imported value is no bcrypt hash: there it simply failed to log in
            return False

    def must_update(self, encoded: str) -> bool:
        """An imported hash is kept as it is, whatever its variant and rounds."""
        return False
