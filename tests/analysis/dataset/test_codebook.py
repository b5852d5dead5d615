"""The codebook has what is declared, and the page of the format has the codebook."""

from analysis.dataset.codebook import codebook
from analysis.dataset.schema import TABLES
from tests.kit.paths import ROOT

DATA_FORMAT = ROOT / "docs" / "data-format.md"


def test_codebook_has_every_column() -> None:
    text = codebook()
    for table, columns in TABLES.items():
        section = text.split(f"\n## {table}\n")[1].split("\n## ")[0]
        assert all(f"| {column.name} | {column.type} |" in section for column in columns)


def test_data_format_page_has_the_same_columns() -> None:
    tables = codebook().split("\n## rooms\n")[1]
    assert tables in DATA_FORMAT.read_text(encoding="utf-8")
