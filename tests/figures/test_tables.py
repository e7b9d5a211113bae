"""Rows as a table that a page shows."""

from adambook.figures.tables import tabulated


def test_table_is_indexed_by_its_first_column():
    table = tabulated([{"optimizer": "Adam", "cost": 1}])
    assert table.loc["Adam", "cost"] == 1
