"""An exported function, opened unchanged by the libraries that its layout is meant for."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pigeonhole.tables import Sample
from tests import make
from tests.client import Client

LABELS = ["Soups", "Desserts", None, "Sweet/sour"]
OPENED_S = 120
DATASETS = """
import json, sys
from datasets import load_dataset
photos = load_dataset("imagefolder", data_dir=sys.argv[1], split="train", cache_dir=sys.argv[2])
print(json.dumps([[row["label"], row["sample_id"], row["image"].size] for row in photos]))
"""
IMAGE_FOLDER = """
import json, sys
from torchvision.datasets import ImageFolder
photos = ImageFolder(sys.argv[1])
print(json.dumps([[photos.classes[kind], image.size] for image, kind in photos]))
"""
PANDAS = """
import json, sys
import pandas
table = pandas.read_json(sys.argv[1] + "/metadata.jsonl", lines=True)
print(json.dumps([table["label"].fillna("").tolist(), table["sample_id"].tolist()]))
"""


def opened(script: str, folder: Path, cache: Path) -> Any:
    """Run a script on a folder, without access to a hub; return what it prints as JSON."""
    ended = subprocess.run(
        [sys.executable, "-c", script, str(folder), str(cache)],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(cache)},
        capture_output=True,
        text=True,
        timeout=OPENED_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.slow
async def test_datasets_torchvision_and_pandas_open_an_exported_function_as_it_is(
    client: Client, tmp_path: Path
) -> None:
    function = await client.create_function(labels=["Soups", "Desserts", "Sweet/sour"])
    pictures = [make.picture(seed) for seed in range(len(LABELS))]
    added = await client.add_samples(function["id"], pictures, LABELS)
    ids = [result["sample"]["id"] for result in added["results"]]
    await Sample.filter(label__name="Soups").update(metadata={"raw_file_name": "a"})
    answer = await client.http.get(f"/v1/functions/{function['id']}/export", headers=client.headers)
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path / "exported")
    folder, cache = tmp_path / "exported", tmp_path / "cache"

    by_datasets = opened(DATASETS, folder, cache)
    by_torchvision = opened(IMAGE_FOLDER, folder, cache)
    by_pandas = opened(PANDAS, folder, cache)

    size = [48, 48]
    assert sorted(by_datasets, key=lambda row: ids.index(row[1])) == [
        [label, id, size] for label, id in zip(LABELS, ids, strict=True)
    ]
    assert sorted(by_torchvision) == [
        [folder, size] for folder in ("Desserts", "Soups", "Sweet%2Fsour", "_unannotated")
    ]
    assert by_pandas == [[label or "" for label in LABELS], ids]
