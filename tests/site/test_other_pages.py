"""Every page that is no chapter in a browser: light and dark, on a desktop and on a phone."""

import pytest
from visits import PAGES, THEMES, faults_on, is_chapter


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [page for page in PAGES if not is_chapter(page)])
def test_a_page_has_no_fault(browser, site, name, theme):
    assert faults_on(browser, site, name, theme) == []
