"""Every page that is no chapter in a browser: light and dark, on a desktop and on a phone."""

import pytest
from visits import DENY_STORAGE, FAULTS, PAGES, PHONE, THEMES, Visit, faults_on, is_chapter

STEP_BOUND = "chapters/2_adam/05_step_bound.html"


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


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("chapters/4_after_adam/15_the_family.html", 1100),  # a heading ends where its line does
        ("chapters/4_after_adam/15b_which_adam.html", 320),  # long names in its text
        ("chapters/appendices/api/experiments.html", 320),  # long names of types
    ],
)
def test_nothing_makes_a_page_wider_than_its_window(browser, site, name, width):
    with Visit(browser, (site / name).as_uri(), size={"width": width, "height": 800}) as visit:
        visit.wait()
        assert [fault for fault in visit.page.evaluate(FAULTS) if "wider" in fault] == []


def test_a_page_is_printed_in_the_light_theme(browser, site):
    with Visit(browser, (site / STEP_BOUND).as_uri(), "dark") as visit:
        theme = "document.documentElement.dataset.theme"
        visit.page.evaluate(f"addEventListener('beforeprint', () => window.printed = {theme})")
        visit.page.pdf()
        assert visit.page.evaluate(f"[window.printed, {theme}]") == ["light", "dark"]


def test_without_scripts_a_phone_shows_the_menu_and_no_button_that_does_nothing(browser, site):
    address = (site / STEP_BOUND).as_uri()
    with Visit(browser, address, size=PHONE, java_script_enabled=False) as visit:
        menu = visit.page.locator("#pst-primary-sidebar")
        assert menu.is_visible()
        assert menu.bounding_box()["x"] == 0
        assert visit.page.locator(".bd-header-article button:visible").count() == 0
