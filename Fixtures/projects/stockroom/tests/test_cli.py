import pytest

from stockroom import cli, csvio


@pytest.fixture
def path(catalog, tmp_path):
    path = tmp_path / "catalog.csv"
    csvio.save(catalog, str(path))
    return str(path)


def test_list(path, capsys):
    assert cli.main(["list", path]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["sku", "name", "price"]
    assert len(lines) == 6
    assert lines[2].endswith("€24.99")


def test_list_a_group(path, capsys):
    assert cli.main(["list", path, "--group", "CHR"]) == 0
    assert "CHR-0007" in capsys.readouterr().out


@pytest.mark.parametrize("query, status", [(["desk", "lamp"], 0), (["sofa"], 1)])
def test_find(path, capsys, query, status):
    assert cli.main(["find", path, *query]) == status
    assert ("LMP-0001" in capsys.readouterr().out) is (status == 0)


@pytest.mark.parametrize("arguments, text", [(["LMP-0001"], "€24.99\n"), (["LMP-0002", "10"], "€34.90\n")])
def test_price(path, capsys, arguments, text):
    assert cli.main(["price", path, *arguments]) == 0
    assert capsys.readouterr().out == text


def test_wrong_command_lines(path):
    with pytest.raises(SystemExit):
        cli.main(["frobnicate", path])
