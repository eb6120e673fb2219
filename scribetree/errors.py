"""What services and models raise when they refuse; the API turns each into its status with the text as it is."""

from http import HTTPStatus


class RefusedError(Exception):
    """Its text is for the person who asked."""

    status: HTTPStatus


class InvalidError(RefusedError):
    status = HTTPStatus.BAD_REQUEST


class UnauthenticatedError(RefusedError):
    """Logs the client out wherever it comes from, so it is for credentials and nothing else."""

    status = HTTPStatus.UNAUTHORIZED


class DeniedError(RefusedError):
    status = HTTPStatus.FORBIDDEN


class NotFoundError(RefusedError):
    status = HTTPStatus.NOT_FOUND


class ConflictError(RefusedError):
    status = HTTPStatus.CONFLICT
