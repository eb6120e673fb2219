from django.contrib.auth.backends import ModelBackend


class EmailBackend(ModelBackend):
    """Logs in by e-mail in any case; `UserManager.get_by_natural_key` does the folding.

    It has a name of its own because Django insists on `unique=True` for the stock backend, and uniqueness
    here is on `lower(email)`.
    """
