from rest_framework.routers import SimpleRouter


class ApiRouter(SimpleRouter):
    """Paths without a slash at the end; the middleware takes one away where it is given."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=False)
