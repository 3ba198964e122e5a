"""What the files of a user may take: an upload that was given up takes nothing, whenever its end comes."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.errors import QuotaExceeded
from jupyter_mlops.services.upload_quota import UploadQuota
from jupyter_mlops.store.database import Database

LIMIT = 100


def test_what_arrives_of_an_upload_after_it_was_given_up_takes_no_room(database: Database) -> None:
    quota = UploadQuota(database, LIMIT)
    given_up = quota.begin("olive", None)
    given_up.take(60)
    with pytest.raises(QuotaExceeded):
        quota.begin("olive", LIMIT)
    given_up.settle(kept=False)
    # A thread that wrote meanwhile.
    given_up.take(60)
    quota.begin("olive", None).take(LIMIT)


def test_what_an_upload_took_counts_once_however_often_its_end_is_told(database: Database) -> None:
    quota = UploadQuota(database, LIMIT)
    first, second = quota.begin("olive", None), quota.begin("olive", None)
    first.take(40)
    second.take(60)
    first.settle(kept=False)
    first.settle(kept=True)
    quota.begin("olive", None).take(40)
    with pytest.raises(QuotaExceeded):
        quota.begin("olive", None).take(1)
