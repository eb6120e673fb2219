from django.core.exceptions import ValidationError

from accounts.hashers import SourceBcryptPasswordHasher


class PasswordBytesValidator:
    """Refuses a new password that bcrypt would cut: its tail would not count."""

    limit = SourceBcryptPasswordHasher.password_bytes

    def validate(self, password: str, user: object = None) -> None:
        if len(password.encode()) > self.limit:
            raise ValidationError(f"The password is longer than {self.limit} bytes.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"Your password can be at most {self.limit} bytes long."
