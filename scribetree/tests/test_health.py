import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/api/health", "/api/health/"])
def test_health_answers_without_the_database(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert response.json() == {"message": "GitHub for Writers API is running!"}


def test_health_is_only_read(client: Client) -> None:
    assert client.post("/api/health").status_code == 405


def test_root_leads_to_the_admin(client: Client) -> None:
    response = client.get("/")

    assert (response.status_code, response["Location"]) == (302, "/admin/")
