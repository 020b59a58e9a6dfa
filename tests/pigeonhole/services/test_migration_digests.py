"""A published migration never changes, since databases do not run it a second time."""

import hashlib
from pathlib import Path

from pigeonhole import migrations

DIGESTS = {
    "0001_initial.py": "28cdc03ccbd0b874cc27ec686bb6984b",
    "0002_stored_answers.py": "df85038ccfb1704149e19c8071791d9c",
    "0003_what_is_embedded.py": "7b2a06ccd9bd728f3fa6a7af22d15e6a",
    "0004_learning_from_unlabelled.py": "14d34b46d2a7e608e3e01c5cdc17d281",
    "0005_sessions.py": "bb7ea61b5f5ead73e5183ee800e1dd86",
    "0006_no_publishing_stage.py": "bd90883e16cbf32f49aaa9efcd50f1cd",
    "0007_file_names.py": "f653a3b591efcf94899175251afa32ed",
    "0008_changes_of_samples.py": "8f2bd57e7cfee0b0cc1b06078904b704",
    "0009_near_duplicate_groups.py": "8365ac36ffbc158a9b50d51287f5ac52",
    "0010_owed_races.py": "daa4ef704489c042092bcf71c7f1ff92",
    "0011_trash.py": "ecdf2ab6b49e99dac90868ab6a268ccd",
    "0012_webhooks.py": "e6dbac60fa263ec6b7ca0174db9b10e2",
    "0013_encoder_changes.py": "48a1ce541865a21571ef5686e27f8670",
    "0014_unique_runs.py": "68e6ad830482ab6e3eaf83deb5eada9b",
    "0015_accepted_predictions.py": "6bf0a1b0b2ad1e8c981e956248143f0d",
    "0016_previous_webhook_secrets.py": "da26131949ce1a5dc2a477c8881d402a",
    "0017_indexes_of_lists.py": "6bc9a46cb791222f201a76545729fb91",
    "0018_monitoring.py": "1694088b1edb5f268251567fad74584c",
    "0019_filters_in_an_index.py": "8269b6031b670e7c43fcdaf74854ac09",
    "0020_metadata_and_annotators.py": "a6a8fbb1aa86df0cd4ff6f6b241bdff5",
}
"""The first half of each file's SHA-256. A new migration adds a line; lines never change."""


def test_no_published_migration_changes_and_every_migration_is_listed() -> None:
    [folder] = migrations.__path__

    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:32]
        for path in sorted(Path(folder).glob("[0-9]*.py"))
    }

    assert found == DIGESTS
