"""What the report says: every number comes from a table, a sidecar or a parameter."""

from collections import Counter

from helpers.documents.report import appendix, method, references
from helpers.documents.report.blocks import Block, Figure, Heading, Part, Report, Table, prose
from helpers.documents.report.results import Results
from helpers.languages import in_language, preferred
from helpers.publish.texts import Texts
from helpers.study.package import STATUSES, is_own

WORDS = ("page", "of", "table", "figure", "section", "contents", "tables", "figures", "source")
# Letters of a line of a table on an upright page; rows that a chapter can bear.
ROOM, ROWS = 122, 30
# A figure wider than this, in inches, and of this shape is readable only on a turned page.
WIDE, SHAPE = 9.2, 1.35


def write(results: Results) -> Report:
    """Whole report of a build."""
    t, about = results.t, results.package.descriptor
    own = is_own(about)
    name = about.get("title") or about.get("name", "")
    long_tables: list[Table] = []
    parts = [Part(_introduction(t, name, own) + _data(results, name) + method.chapter(results, t)),
             *_turned(_results(results, long_tables)),
             Part(_limits(t, own, results) + references.chapter(results.sources, t)),
             *_appendix(results, long_tables)]
    return Report(lang=results.lang, title=t("report.title") if own else name,
                  subtitle=t("report.subtitle") if own else t("report.other"),
                  notice=t("report.notice.own" if own else "report.notice.other"),
                  foot=t("report.foot"), words={word: t(f"report.{word}") for word in WORDS},
                  abstracts=[block for lang in preferred(results.lang)
                             for block in _abstract(results, lang, name, own)], parts=parts,
                  works=references.works(results.sources, t))


def _abstract(results: Results, lang: str, name: str, own: bool) -> list[Block]:
    t = Texts(lang, "report")
    say = t.for_markdown()
    areas = results.package.table("areas")
    sentences = [say("abstract.question") if own else say("abstract.other", title=name),
                 say("abstract.data", areas=len(areas), zones=areas["zone"].nunique())]
    if results.has("sample_allocation"):
        allocation = results.table("sample_allocation")
        sentences.append(say("abstract.sample", n=int(allocation["n"].sum()),
                             population=int(allocation["units"].sum())))
    sentences += _inequality(results, say, lang)
    if results.has("claims"):
        claims = results.table("claims")
        counts = Counter(claims.loc[claims["basis"] == "published", "verdict"])
        sentences.append(say("abstract.claims", claims=len(claims), published=counts.total(),
                             others=len(claims) - counts.total(),
                             **{verdict: counts[verdict]
                                for verdict in ("supported", "mixed", "not_supported")}))
    if own:
        sentences.append(say("abstract.rehearsal"))
    return [Heading(t("abstract.title"), numbered=False, lang=lang),
            prose(" ".join(sentences), lang)]


def _inequality(results: Results, say: Texts, lang: str) -> list[str]:
    """Sentence on the inequality between zones; none where published data do not say it."""
    if not results.has("inequality"):
        return []
    reference = results.parameters("disparity")["reference_indicator"]
    rows = results.table("inequality").query(
        "indicator == @reference and status == 'published'").dropna(subset="between_share")
    if rows.empty:
        return []
    last = rows.loc[rows["year"].fillna("").idxmax()]
    return [say("abstract.inequality", between=last["between_share"], theil=last["theil"],
                year=last["year"], indicator=results.indicator_label(reference, lang))]


def _introduction(t: Texts, name: str, own: bool) -> list[Block]:
    keys = ("question", "siblings", "reading") if own else ("other", "reading")
    filled = t.for_markdown()
    return [Heading(t("intro.title")), *(prose(filled(f"intro.{key}", title=name)) for key in keys)]


def _data(results: Results, name: str) -> list[Block]:
    t, resources = results.t, results.package.resources
    counts = Counter(resource.status for resource in resources.values())
    rows = [[key, in_language(resource.descriptor, "title", t.lang, key), t.word(resource.status),
             _licences(results, resource)] for key, resource in resources.items()]
    return [Heading(t("data.title")),
            prose(t.for_markdown()("data.package", title=name, resources=len(resources),
                                   **{status: counts[status] for status in STATUSES})),
            appendix.listing(t, "resources", t("data.resources.title"),
                             "resource contents status licence", rows)]


def _licences(results: Results, resource) -> str:
    licences = resource.descriptor.get("licenses", results.package.descriptor.get("licenses", []))
    return "; ".join(licence.get("name") or in_language(licence, "title", results.lang, "")
                     for licence in licences)


def _results(results: Results, long_tables: list[Table]) -> list[Block]:
    """Chapter on results; tables that are too long or too wide for it are put aside."""
    t = results.t
    blocks: list[Block] = [Heading(t("results.title"))]
    for stage in method.CHAPTERS:
        blocks.append(Heading(t(f"stage.{stage}"), 2))
        if stage not in results.stages:
            blocks.append(prose(t("stage.missing")))
            continue
        made = results.published(stage)
        aside = [block for block in made if isinstance(block, Table)
                 and (len(block.rows) > ROWS or block.least > ROOM)]
        blocks += results.found(stage)
        if aside:
            names = ", ".join(f"[#table-{table.name}]" for table in aside)
            blocks.append(prose(t("results.long", tables=names)))
        # Turned pages at the end of a section: each turn would leave a page half empty.
        blocks += sorted((block for block in made if block not in aside), key=_is_wide)
        long_tables += aside
    return blocks


def _is_wide(block: Block) -> bool:
    return isinstance(block, Figure) and block.width > WIDE and block.width > SHAPE * block.height


def _turned(blocks: list[Block]) -> list[Part]:
    """Blocks on pages by their direction: wide figures on turned ones."""
    parts: list[Part] = []
    for block in blocks:
        landscape = _is_wide(block)
        if not parts or parts[-1].landscape != landscape:
            parts.append(Part([], landscape))
        parts[-1].blocks.append(block)
    return parts


def _limits(t: Texts, own: bool, results: Results) -> list[Block]:
    made_up = any(about.get("status") in STATUSES[1:]
                  for about in results.facts["products"].values())
    keys = ["abstract"] * own + ["made_up"] * made_up + ["published", "small"] + ["light"] * own
    return [Heading(t("limits.title")), *(prose(t(f"limits.{key}")) for key in keys)]


def _appendix(results: Results, long_tables: list[Table]) -> list[Part]:
    """Long tables, first those of upright pages; then names, parameters and provenance."""
    parts = [Part([table for table in long_tables if (table.least > ROOM) == landscape], landscape)
             for landscape in (False, True)]
    parts = [part for part in parts if part.blocks]
    if parts:
        parts[0].blocks.insert(0, Heading(results.t("appendix.tables"), numbered=False))
    return [*parts, Part(appendix.keys(results) + appendix.parameters(results)
                         + appendix.provenance(results))]
