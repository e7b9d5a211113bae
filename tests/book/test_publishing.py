"""What pages say about the book, and what others read of them: facts, buttons, descriptions."""

import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import facts
import publishing
import pytest
import repository
import single_page
import yaml
from docutils import nodes
from docutils.utils import new_document

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_without_an_address_a_page_has_no_buttons_but_its_download():
    assert repository.buttons(None, None) == {}
    assert repository.built({}) is None


def test_a_workflow_knows_the_address_of_its_repository():
    names = {"GITHUB_SERVER_URL": "https://a.b", "GITHUB_REPOSITORY": "c/d"}
    assert repository.built(names) == "https://a.b/c/d"


def test_colab_is_offered_only_where_the_notebooks_name_an_address():
    address = "https://a.b/c/d"
    assert "colab_url" not in repository.buttons(address, None)["launch_buttons"]
    assert "colab_url" in repository.buttons(address, address)["launch_buttons"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_its_commit(path):
    used = re.findall(r"uses: (\S+)", path.read_text("utf-8"))
    assert used and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_do_no_more_than_it_says(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_a_page_is_described_by_its_opening_paragraph():
    opening = "How far can one step of Adam go, and which gradients drive it there?"
    section = nodes.section("", nodes.title(text="A page"), nodes.paragraph(text=opening))
    page = new_document("page")
    page += section
    assert publishing.description(page) == opening
    assert publishing.description(None) == publishing.GENERAL


def test_formulas_in_a_description_are_plain_text():
    assert publishing.plain(r"\alpha and \hat{m}_t & \beta_1") == "α and hatm_t & β_1"


def test_a_long_description_ends_with_a_sentence_or_a_word():
    assert publishing.shorten("One. Two. Three.", 10) == "One. Two."
    assert publishing.shorten("many words and no end", 12) == "many words …"


def test_only_a_site_with_an_address_has_a_card():
    assert "og:image" not in publishing.tags("T", "text", "a/b", "")
    card = publishing.tags("T", 'a "text"', "a/b", "https://a.b/")
    assert 'content="https://a.b/_static/social-card.png"' in card
    assert 'content="a &quot;text&quot;"' in card
    assert (ROOT / publishing.CARD).exists()


def test_the_sites_own_address_has_a_page_with_a_name_and_a_card():
    page = publishing.front_page("A & B", "intro", "https://a.b/")
    assert '<html lang="en">' in page and "<title>A &amp; B</title>" in page
    assert 'content="0; url=intro.html"' in page and '<a href="intro.html">' in page
    assert 'name="description"' in page and "https://a.b/_static/social-card.png" in page


def test_a_build_writes_the_page_at_the_sites_own_address(tmp_path):
    config = SimpleNamespace(html_baseurl="", html_title="A book", root_doc="intro")
    builder = SimpleNamespace(format="html", name="html")
    publishing.finish(SimpleNamespace(config=config, builder=builder, outdir=tmp_path), None)
    assert "<title>A book</title>" in (tmp_path / "index.html").read_text("utf-8")
    assert not (tmp_path / "sitemap.xml").exists()


def test_the_sitemap_names_every_page():
    assert "<loc>https://a.b/x/y.html</loc>" in publishing.sitemap("https://a.b/", ["x/y", "z"])


def test_the_pdf_is_a_link_where_it_is_published_and_a_command_elsewhere():
    published = facts.printed("https://example.org/adam/")
    assert "(https://example.org/adam/adambook.pdf)" in published
    assert "`make pdf`" in facts.printed("") and "](" not in facts.printed("")
    workflow = (ROOT / ".github" / "workflows" / "pages.yml").read_text("utf-8")
    assert re.search(r"cp _build/adambook\.pdf .*_build/html/\n", workflow)


def test_the_citation_is_that_of_the_project():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    for value in (cited["title"], cited["version"], cited["authors"][0]["name"]):
        assert f"{{{value}}}" in facts.citation()


def test_the_stamp_is_of_this_book_whatever_repository_the_environment_names(tmp_path, monkeypatch):
    for name in ("ours", "theirs"):
        subprocess.run(["git", "init", str(tmp_path / name)], check=True, capture_output=True)
    monkeypatch.setattr(facts, "ROOT", tmp_path / "ours")
    own = facts.git("rev-parse", "--absolute-git-dir")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "theirs" / ".git"))
    assert Path(own).parent.name == "ours"
    assert facts.git("rev-parse", "--absolute-git-dir") == own


def test_the_stamp_names_the_versions_it_was_built_with():
    import numpy

    assert f"| numpy | {numpy.__version__} |" in facts.stamp()


def test_verdicts_are_counted_in_words():
    text = facts.audit({"FALSE": 2, "TRUE": 3})
    assert "| of 5 | verdict |" in text.splitlines()
    assert text.index("TRUE") < text.index("FALSE")
    assert text.index("flex-grow: 3") < text.index("flex-grow: 2")


def test_verdicts_are_counted_from_the_record(tmp_path):
    record = tmp_path / "ledger.json"
    record.write_text('[{"verdict": "TRUE"}, {"verdict": "FALSE"}, {"verdict": "TRUE"}]', "utf-8")
    assert facts.verdicts(record) == {"TRUE": 2, "FALSE": 1}
    assert sum(facts.verdicts().values()) == 86


def write(folder, name, text):
    (folder / name).write_text(text, "utf-8")


def test_faults_are_counted_from_the_record(tmp_path):
    write(tmp_path, "mutants.csv", "part,what,faults,commit\na,the rules,90,x\nb,the rest,9,x\n")
    write(tmp_path, "mutants-a.csv", "outcome\nkilled\nkilled: too long\nsurvived\n")
    assert facts.faults(tmp_path).splitlines()[2:] == ["| the rules | 3 of 90 | 2 | 66.7 % |"]


def test_coverage_is_summed_over_the_modules_of_a_part(tmp_path):
    heads = "module,statements,run,branches,taken\n"
    rows = "src/adambook/rules/a.py,10,10,4,4\nsrc/adambook/rules/b.py,10,5,4,2\n"
    write(tmp_path, "coverage.csv", heads + rows + "src/adambook/fused.py,20,20,0,0\n")
    assert facts.coverage(tmp_path).splitlines()[2:] == [
        "| rules | 75.0 % | 75.0 % |",
        "| the engines and the rest | 100.0 % | no branch |",
        "| all | 87.5 % | 75.0 % |",
    ]


def test_other_surroundings_are_read_from_the_record(tmp_path):
    write(
        tmp_path, "elsewhere.csv", "python,torch,commit,passed,skipped,failed\n3.13.0,2.9,x,7,2,1\n"
    )
    assert facts.elsewhere(tmp_path).splitlines()[2:] == ["| 3.13.0 | 2.9 | 7 | 1 | 2 |"]


def test_a_check_that_was_not_made_says_how_to_make_it(tmp_path):
    assert facts.faults(tmp_path) == "Nothing is recorded yet; `make mutants` records it."
    assert facts.coverage(tmp_path) == "Nothing is recorded yet; `make coverage` records it."
    assert facts.elsewhere(tmp_path) == "Nothing is recorded yet; `make elsewhere` records it."


def test_one_page_is_written_by_what_writes_pages():
    class App:
        class registry:
            translation_handlers = {"html": {"a": 1, "b": 1}, "singlehtml": {"b": 2}}

    single_page.join_writers(App)
    assert App.registry.translation_handlers["singlehtml"] == {"a": 1, "b": 2}
