"""What is shown of addresses that hold credentials."""

import pytest

from churn_ops.store import credentials


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:s3same@host:5432/db", "postgresql://host:5432/db"),
        ("postgresql+psycopg://me@host/db?sslmode=require#x", "postgresql+psycopg://host/db"),
        ("postgresql://me:p@ss/wo:rd@host/db", "postgresql://host/db"),
        ("postgresql://me@corp:s3same@host/db", "postgresql://host/db"),
        ("postgresql://me:s3?me@host/db", "postgresql://***"),
        ("postgresql://host:5432/db?user=me@corp&password=s3same", "postgresql://***"),
        ("postgresql:///db?host=/run/db&password=s3same", "postgresql:///db"),
        ("https://t0ken@[::1]:5000/mlflow", "https://[::1]:5000/mlflow"),
        ("https://host/team@work", "https://host/team@work"),
        ("sqlite:////home/me@work/a#b/mlflow.db?timeout=1", "sqlite:////home/me@work/a#b/mlflow.db"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_user_password_and_options(address, shown):
    assert credentials.shown(address) == shown


def test_a_text_is_told_without_the_password_in_either_spelling_and_without_what_else_is_secret():
    said = "p%40ss, p@ss, carol and car"
    assert credentials.hidden(said, "postgresql://me:p%40ss@host/db", "car", "carol", None) == "***, ***, *** and ***"
    assert credentials.hidden("me at host", "postgresql://me@host/db") == "me at host"
