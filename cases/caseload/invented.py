"""An invented caseload, to try out how a sample is drawn. Nobody in it exists."""

import csv
import io
import random

from cases.sampling import window

HEADER = (
    "Case ID",
    "Young person ID",
    "Disposal type",
    "Disposal date",
    "Gender",
    "RoSH level",
    "Safety & wellbeing",
    "Age",
)
SEED = "an invented caseload"
TWICE = 10  # one child in so many has two disposals
SEXES = {"male": 84, "female": 16}
CLASSIFICATIONS = {"low": 40, "medium": 35, "high": 15, "very_high": 2, "not_classified": 8}
# The further down a disposal stands in the standards document, the rarer it is here.
COMMON_FIRST = 0.55


def invented_list(document, fieldwork, count):
    """Return so many cases as a service would list them, as the text of a CSV file.

    Disposals lie in the windows of the document, counted from the day on which fieldwork begins. The same arguments give
    the same list.
    """
    chance = random.Random(SEED)  # noqa: S311 - invented, and the same again
    labels = {field.code: {option.code: option.label for option in field.options} for field in document.profile}
    out = io.StringIO(newline="")
    write = csv.writer(out).writerow
    write(HEADER)
    child, first = None, document.samples[0]
    for number in range(1, count + 1):
        again = child is not None and number % TWICE == 0
        if not again:
            sample = first if chance.random() < first.share else chance.choice(document.samples[1:] or [first])
            child = [
                f"YP-{number:04}",
                sample,
                labels["sex"][_one_of(chance, SEXES)],
                labels["harm_classification"][_one_of(chance, CLASSIFICATIONS)],
                labels["safety_classification"][_one_of(chance, CLASSIFICATIONS)],
                chance.randint(11, 17),
            ]
        reference, sample, *profile = child
        earliest, latest = window(sample, fieldwork)
        day = earliest.fromordinal(chance.randint(earliest.toordinal(), latest.toordinal()))
        disposals = [held.label for held in sample.disposals]
        (disposal,) = chance.choices(disposals, [COMMON_FIRST**place for place in range(len(disposals))])
        write([f"C-{number:04}", reference, disposal, f"{day:%d/%m/%Y}", *profile])
    return out.getvalue()


def _one_of(chance, weights):
    (chosen,) = chance.choices(list(weights), list(weights.values()))
    return chosen
