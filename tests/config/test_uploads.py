"""Files that are sent stay in memory, whatever their size, and one that is too large is refused with a sentence."""

from datetime import date

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.urls import reverse

from cases.caseload.reading import MOST_BYTES
from cases.views.waiting import LARGEST
from inspections.models import State
from tests.cases.posting import said


def test_a_file_is_kept_in_memory_up_to_the_limit(rf, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 200_000
    for size in (0, 5, 200_000, 300_000):
        (file,) = rf.post("/", {"file": SimpleUploadedFile("week.csv", b"x" * size)}).FILES.values()
        assert isinstance(file, InMemoryUploadedFile)
        assert (file.name, file.size, len(file.read())) == ("week.csv", size, min(size, 200_000))


def test_what_any_form_takes_is_below_the_limit(settings):
    assert max(MOST_BYTES, LARGEST) < settings.FILE_UPLOAD_MAX_MEMORY_SIZE


def test_more_than_one_file_is_refused(rf):
    files = {name: SimpleUploadedFile("week.csv", b"x") for name in ("file", "other")}
    with pytest.raises(Exception, match="number of files"):
        rf.post("/", files).FILES.values()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "state"), [("bulk", State.FIELDWORK), ("caseload", State.PLANNED)])
def test_a_file_above_what_is_taken_is_a_sentence(client, make_inspection, lead, name, state):
    inspection = make_inspection(state=state, fieldwork_started=date(2026, 11, 2))
    client.force_login(lead)
    file = SimpleUploadedFile("week.csv", b"reference,2.1.1\n" + b"x" * (22 * 1024 * 1024))
    page = client.post(reverse(f"cases:{name}", args=[inspection.public_id]), {"file": file})
    assert page.status_code == 400
    assert "larger than 20 MB" in said(page)
