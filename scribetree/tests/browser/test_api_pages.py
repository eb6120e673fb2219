"""The pages of the API's schema, as a browser shows them."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_docs_show_an_operation_with_its_fields(page: Page, shoot: Callable[[Page, str], None]) -> None:
    page.goto("/api/docs")

    page.get_by_role("button", name="post /api/auth/login", exact=False).first.click()

    operation = page.locator("#operations-auth-auth_login")
    expect(operation.locator(".opblock-body")).to_contain_text('"password": "string"')
    shoot(page, "api-docs")


def test_redoc_shows_an_operation_with_its_fields(
    page: Page, shoot: Callable[[Page, str], None], complaints: list[str]
) -> None:
    page.goto("/api/redoc")

    operation = page.locator("[data-section-id='tag/auth/operation/auth_login']")
    expect(operation).to_contain_text("/api/auth/login")
    expect(operation).to_contain_text("password")
    shoot(page, "api-redoc")
    # Redoc signs its page with a picture from its makers' host, which our policy does not let it ask for.
    complaints[:] = [complaint for complaint in complaints if "cdn.redoc.ly" not in complaint]
