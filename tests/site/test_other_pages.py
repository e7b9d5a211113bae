"""Every page that is no chapter in a browser: light and dark, on a desktop and on a phone."""

import pytest
from visits import DENY_STORAGE, PAGES, PHONE, THEMES, Visit, faults_on, is_chapter


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [page for page in PAGES if not is_chapter(page)])
def test_a_page_has_no_fault(browser, site, name, theme):
    assert faults_on(browser, site, name, theme) == []


def test_menu_search_and_theme_work_where_nothing_may_be_kept(browser, site):
    """Cookies may be blocked, or blocked in the frame of a learning platform."""
    address = (site / "intro.html").as_uri()
    with Visit(browser, address, size=PHONE, before=DENY_STORAGE) as visit:
        visit.wait()
        visit.page.locator(".theme-switch-button:visible").first.click()
        assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
        for button, dialog in (
            (".primary-toggle", "pst-primary-sidebar-modal"),
            (".search-button", "pst-search-dialog"),
        ):
            visit.page.locator(f"{button}:visible").first.click()
            assert visit.page.locator(f"dialog#{dialog}[open]").count() == 1
            visit.page.keyboard.press("Escape")
        assert visit.complaints == []
