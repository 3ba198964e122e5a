from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlops.secret_names import holder_of, is_secret_name


@pytest.mark.parametrize(
    "name",
    [
        "api_key",
        "apiKey",
        "APIKey",
        "API_KEY",
        "apikey",
        "password",
        "db_password",
        "DB_PASSWORD2",
        "passwd",
        "pass",
        "user_pass",
        "secret",
        "client_secret",
        "SECRETS",
        "token",
        "hfToken",
        "HF_TOKEN",
        "github_token_1",
        "dsn",
        "SENTRY_DSN",
        "auth",
        "basicAuth",
        "credential",
        "aws_credentials",
        "accesskey",
        "oauth",
        "private_key",
        "keys",
        "passphrase",
    ],
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "keyword",
        "keyboard",
        "monkey",
        "tokenizer",
        "tokenize",
        "max_tokens",
        "author",
        "authority",
        "passenger",
        "compass",
        "bypass",
        "passes",
        "secretary",
        "alpha",
        "learning_rate",
        "credentialed",
        "donkey",
        "hockey_team",
        "KEYNOTE",
    ],
)
def test_words_that_only_contain_such_a_name_are_not(name: str) -> None:
    assert not is_secret_name(name)


def test_a_weak_word_on_a_container_is_no_secret_but_a_strong_one_is() -> None:
    assert not is_secret_name("sort_keys", "container")
    assert is_secret_name("credentials", "container")


def test_what_is_declared_a_number_is_never_a_secret() -> None:
    assert not is_secret_name("password", "other")


@pytest.mark.parametrize("name", ["password", "PIN_SECRET", "token", "apiToken", "user_pwd", "key"])
def test_a_number_given_for_the_name_of_a_secret_is_one(name: str) -> None:
    assert is_secret_name(name, "number")


@pytest.mark.parametrize("name", ["key_size", "pad_token_id", "n_keys", "pass_count", "alpha", "_"])
def test_a_number_that_counts_or_measures_is_none(name: str) -> None:
    assert not is_secret_name(name, "number")


@pytest.mark.parametrize(
    ("value", "holder"),
    [
        ("a", "text"),
        (1, "number"),
        (1.5, "number"),
        ([1], "container"),
        ({"a": 1}, "container"),
        (True, "other"),
        (None, "other"),
    ],
)
def test_a_given_value_tells_what_holds_it(value: Any, holder: str) -> None:
    assert holder_of(value) == holder
