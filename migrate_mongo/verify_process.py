"""Where a process of a verification begins: before Django is set up, so that nothing of it is imported here."""


def begin(database: str) -> None:
    import django  # noqa: PLC0415 see above

    django.setup()
    from django.db import connection  # noqa: PLC0415

    connection.settings_dict["NAME"] = database
