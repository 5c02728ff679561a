"""What open pages ask every second: has anything changed?"""

from django.utils.cache import get_conditional_response

from accounts.replies import json_view, reply
from inspections.access import get_inspection
from ratings.live import current_mark, position_of

LIVE = "evenhand-live/1"


@json_view(LIVE, "GET")
def live(request, inspection):
    """Say how far an inspection and its results have come, or with 304 that it is where the asker knows it to be.

    It tells no figure. Asking makes no session longer, and is no reading of anything.
    """
    inspection, _ = get_inspection(request.user, inspection)
    sequence, reflected, _, worker_away = position = position_of(inspection)
    tag = '"{}-{}-{}-{:d}"'.format(*position)
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged:
        return unchanged
    answer = reply(
        LIVE,
        sequence=sequence,
        behind=reflected < sequence,
        worker_away=worker_away,
        figures=current_mark(inspection),
    )
    answer["ETag"] = tag
    return answer
