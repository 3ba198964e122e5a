from __future__ import annotations

import pytest

from jupyter_mlops.domain.parameters_cell import read_parameters_cell

SECRET = "hunter2-and-more"


@pytest.mark.parametrize(
    "source",
    [
        f"api_key = '{SECRET}'",
        f"password: str = '{SECRET}'",
        f"dbPassword = f'{SECRET}'",
        f"HF_TOKEN = get('{SECRET}')",
        f"x = '{SECRET}'  # {{secret: true}}",
        f"x = '{SECRET}'  # {{secret: tru, help: x}}",
        f"x: SecretStr = '{SECRET}'",
        f"x: Annotated[str, Secret()] = '{SECRET}'",
        f"credentials = {{'user': '{SECRET}'}}",
        f"auth = ('{SECRET}', 1)",
        f"pin: Secret[int] = '{SECRET}'",
        f"# {{secret: true}}\nlogin = '{SECRET}'  # login",
        f"# {{secret: true\nlogin = '{SECRET}'  # login",
        f"# {{secret: true}}\nlogin = '{SECRET}'  # {{secret: false}}",
        f"# login\nlogin = '{SECRET}'  # {{secret: true}}",
        f"login = ''  # {{secret: true}}\nlogin = '{SECRET}'  # login",
        f"login = [  # {{secret: true}}\n    '{SECRET}'\n]  # login",
    ],
)
def test_the_default_of_a_secret_is_never_shown(source: str) -> None:
    specs, warnings = read_parameters_cell(source)
    assert SECRET not in repr(specs) + repr(warnings)
    assert [spec.secret for spec in specs] == [True]


@pytest.mark.parametrize(
    "source",
    [
        f"settings = {{'host': 'a', 'password': '{SECRET}'}}",
        f"settings = [{{'api_key': '{SECRET}'}}]",
        f"engine = connect(password='{SECRET}')",
    ],
)
def test_a_secret_inside_another_value_is_not_shown_either(source: str) -> None:
    specs, warnings = read_parameters_cell(source)
    assert SECRET not in repr(specs) + repr(warnings)
    assert "a parameter of its own" in warnings[0]


def test_an_unfinished_secret_option_hides_the_value_all_the_same() -> None:
    specs, _ = read_parameters_cell(f"x = '{SECRET}'  # {{secret: true")
    assert SECRET not in repr(specs)
    assert specs[0].secret


def test_a_harmless_name_can_say_that_it_is_no_secret() -> None:
    (spec,) = read_parameters_cell("sort_key = 'date'  # {secret: false}")[0]
    assert (spec.secret, spec.default) == (False, "date")


def test_a_number_is_no_secret_whatever_its_name() -> None:
    specs, _ = read_parameters_cell("max_tokens = 512\nkey_size = 256")
    assert [spec.secret for spec in specs] == [False, False]
