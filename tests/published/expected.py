"""What Annex 2 of the five published reports prints, typed from the reports.

Typed apart from the examples and from the passages in annex2/, so that a slip in any of the three is caught
by the others. The scores of Nottingham City and Oxfordshire are printed on the reports' ratings pages; the
other three follow from the twelve ratings, and all five overall ratings are printed.
"""

I, R, G, O = "inadequate", "requires_improvement", "good", "outstanding"  # noqa: E741  # as the tables abbreviate them

STANDARDS = ("1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "3.4")

RATINGS = {
    "sefton-2019": dict(zip(STANDARDS, (R, G, R, R, R, I, G, R, I, I, R, G), strict=True)),
    "lancashire-2019": dict(zip(STANDARDS, (R, G, R, R, G, R, G, R, G, O, O, O), strict=True)),
    "nottingham-city-2020": dict(zip(STANDARDS, (R, G, G, G, O, G, G, R, I, I, I, I), strict=True)),
    "oxfordshire-2020": dict(zip(STANDARDS, (G, G, O, G, G, G, G, G, G, O, O, O), strict=True)),
    "essex-2019": dict(zip(STANDARDS, (O, O, G, O, O, O, O, O, O, O, G, G), strict=True)),
}

# The standards that professional discretion moved, with the rating that the key questions give.
CALCULATED = {"nottingham-city-2020": {"2.4": I}, "essex-2019": {"3.4": R}}

SCORES = {
    "sefton-2019": 12,
    "lancashire-2019": 22,
    "nottingham-city-2020": 15,
    "oxfordshire-2020": 28,
    "essex-2019": 33,
}

OVERALL = {
    "sefton-2019": R,
    "lancashire-2019": G,
    "nottingham-city-2020": R,
    "oxfordshire-2020": G,
    "essex-2019": O,
}

PERCENTAGES = {
    "sefton-2019": {
        "2.1.1": 67, "2.1.2": 54, "2.1.3": 71,
        "2.2.1": 88, "2.2.2": 43, "2.2.3": 73,
        "2.3.1": 83, "2.3.2": 65, "2.3.3": 77,
        "2.4.1": 79, "2.4.2": 59, "2.4.3": 61,
        "3.1.1": 60, "3.1.2": 20, "3.1.3": 20,
        "3.2.1": 53, "3.2.2": 40, "3.2.3": 50,
        "3.3.1": 60, "3.3.2": 60, "3.3.3": 75,
        "3.4.1": 73, "3.4.2": 82,
    },
    "lancashire-2019": {
        "2.1.1": 84, "2.1.2": 74, "2.1.3": 84,
        "2.2.1": 72, "2.2.2": 67, "2.2.3": 61,
        "2.3.1": 68, "2.3.2": 72, "2.3.3": 66,
        "2.4.1": 70, "2.4.2": 64, "2.4.3": 67,
        "3.1.1": 81, "3.1.2": 69, "3.1.3": 71,
        "3.2.1": 84, "3.2.2": 83, "3.2.3": 81,
        "3.3.1": 91, "3.3.2": 91, "3.3.3": 94,
        "3.4.1": 87, "3.4.2": 86,
    },
    "nottingham-city-2020": {
        "2.1.1": 93, "2.1.2": 90, "2.1.3": 90,
        "2.2.1": 79, "2.2.2": 71, "2.2.3": 75,
        "2.3.1": 85, "2.3.2": 81, "2.3.3": 77,
        "2.4.1": 73, "2.4.2": 73, "2.4.3": 45,
        "3.1.1": 45, "3.1.2": 45, "3.1.3": 50,
        "3.2.1": 40, "3.2.2": 33, "3.2.3": 33,
        "3.3.1": 70, "3.3.2": 28, "3.3.3": 40,
        "3.4.1": 35, "3.4.2": 50,
    },
    "oxfordshire-2020": {
        "2.1.1": 90, "2.1.2": 67, "2.1.3": 76,
        "2.2.1": 95, "2.2.2": 65, "2.2.3": 95,
        "2.3.1": 95, "2.3.2": 65, "2.3.3": 89,
        "2.4.1": 80, "2.4.2": 73, "2.4.3": 75,
        "3.1.1": 100, "3.1.2": 69, "3.1.3": 69,
        "3.2.1": 100, "3.2.2": 89, "3.2.3": 85,
        "3.3.1": 100, "3.3.2": 89, "3.3.3": 92,
        "3.4.1": 100, "3.4.2": 100,
    },
    "essex-2019": {
        "2.1.1": 95, "2.1.2": 95, "2.1.3": 98,
        "2.2.1": 90, "2.2.2": 88, "2.2.3": 90,
        "2.3.1": 93, "2.3.2": 92, "2.3.3": 92,
        "2.4.1": 88, "2.4.2": 85, "2.4.3": 81,
        "3.1.1": 93, "3.1.2": 81, "3.1.3": 89,
        "3.2.1": 85, "3.2.2": 86, "3.2.3": 80,
        "3.3.1": 93, "3.3.2": 86, "3.3.3": 73,
        "3.4.1": 93, "3.4.2": 63,
    },
}  # fmt: skip

SLUGS = tuple(PERCENTAGES)

# What the text of the reports states about the cases.

SAMPLES = {
    "sefton-2019": {"court": 24, "out_of_court": 15},
    "lancashire-2019": {"court": 50, "out_of_court": 32},
    "nottingham-city-2020": {"court": 30, "out_of_court": 20},
    "oxfordshire-2020": {"court": 21, "out_of_court": 13},
    "essex-2019": {"court": 43, "out_of_court": 28},
}

# Custodial sentences are counted together; out-of-court disposals one by one.
DISPOSALS = {
    "nottingham-city-2020": {
        "custodial": 3,
        "community": 27,
        "youth_conditional_caution": 12,
        "community_resolution": 8,
    },
    "oxfordshire-2020": {"custodial": 1, "community": 20, "youth_conditional_caution": 12, "youth_caution": 1},
    "essex-2019": {"youth_conditional_caution": 20, "community_resolution": 8},
}

# Essex: safety concerns in three-quarters of 28 cases, raised risk to others in just over half.
FACTS = {
    "nottingham-city-2020": {
        "court": {"harm_factors": 26, "safety_factors": 29},
        "out_of_court": {"harm_factors": 15, "safety_factors": 18},
    },
    "oxfordshire-2020": {
        "court": {"harm_factors": 19, "safety_factors": 17, "safety_changes": 15, "harm_changes": 12},
        "out_of_court": {"harm_factors": 13, "safety_factors": 9},
    },
    "essex-2019": {"out_of_court": {"harm_factors": 15, "safety_factors": 21}},
}

INTERVIEWS = {
    "nottingham-city-2020": {"court": 29, "out_of_court": 17},
    "oxfordshire-2020": {"court": 21, "out_of_court": 11},
}

# Printed as numbers of cases: yes, and relevant.
COUNTS = {
    "sefton-2019": {"2.1.1.a": (16, 24)},
    "lancashire-2019": {"2.1.2.a": (39, 50)},
    "nottingham-city-2020": {
        "2.1.1.f": (11, 20), "2.2.1.e": (7, 17), "2.2.2.d": (15, 28), "2.2.3.e": (17, 28), "2.3.3.c": (9, 14),
        "2.4.3.a": (4, 11), "2.4.3.d": (2, 8), "3.1.1.f": (5, 14), "3.1.3.a": (8, 16), "3.2.1.f": (3, 12),
        "3.2.2.a": (7, 18), "3.3.1.f": (14, 20), "3.3.2.b": (2, 15), "3.3.3.a": (5, 14), "3.4.1.c": (8, 20),
    },
    "oxfordshire-2020": {
        "2.1.2": (14, 21), "2.3.1.g": (5, 5), "2.3.2": (11, 17), "2.3.2.a": (11, 17), "2.3.2.b": (9, 15),
        "2.4.1.a": (17, 20), "2.4.2.a": (12, 15), "2.4.3": (9, 12), "3.1.1.f": (10, 10), "3.1.2": (9, 13),
    },
}  # fmt: skip

# Printed in the text as percentages of prompts and of unrated questions, as the share that says yes or agrees.
QUOTED = {
    "sefton-2019": {
        "2.1.1.g": 92, "2.3.2.a": 61, "2.4.2.a": 75, "3.1.2.b": 33, "3.2.1.b": 60, "3.2.1.g": 80, "3.3.2.b": 60,
    },
    "lancashire-2019": {
        "2.1.1.c": 86, "2.1.1.e": 88, "2.1.1.f": 64, "2.2.1.b": 68, "2.2.1.c": 60, "2.3.1.c": 66, "2.3.1.g": 82,
        "2.3.2.a": 72, "2.3.3.a": 66, "2.4.2.b": 67, "3.1.1.a": 81, "3.2.1.a": 81, "3.2.1.h": 84, "3.2.2.a": 83,
        "3.3.1.a": 84, "3.4.1.a": 87, "SUP1 court": 92, "SUP1 out_of_court": 74, "SUP2 court": 84,
        "SUP2 out_of_court": 69, "SUP3.desistance court": 70, "SUP3.safety_wellbeing court": 66, "SUP6 court": 61,
    },
    "nottingham-city-2020": {
        "2.1.1.c": 97, "2.1.1.g": 93, "2.1.2.b": 90, "2.1.3.b": 88, "2.2.1.a": 76, "2.2.1.d": 86, "2.2.2.a": 68,
        "2.2.3.a": 75, "2.2.3.c": 71, "2.2.3.d": 79, "2.3.1.a": 78, "2.3.1.c": 89, "2.3.1.f": 93, "2.3.2.a": 81,
        "2.3.3.a": 85, "2.4.1.a": 77, "2.4.1.d": 80, "2.4.2.a": 73, "2.4.3.c": 45, "3.1.1.b": 55, "3.1.1.c": 55,
        "3.1.1.e": 60, "3.1.1.g": 70, "3.1.2.a": 35, "3.2.1.a": 55, "3.2.1.c": 40, "3.2.1.d": 40, "3.2.2.b": 27,
        "3.2.2.c": 17, "3.2.3.a": 40, "3.2.3.b": 36, "3.2.3.d": 20, "3.3.1.a": 60, "3.3.1.b": 65, "3.3.1.c": 75,
        "3.3.2.a": 28, "3.3.3.b": 38, "3.4.1.a": 67, "3.4.1.d": 30, "3.4.1.f": 50, "3.4.2.a": 50,
        "SUP2 court": 93, "SUP1 out_of_court": 74, "SUP2 out_of_court": 68, "SUP6 court": 55, "SUP6 out_of_court": 35,
    },
    "oxfordshire-2020": {"2.1.1.f": 95, "SUP1 court": 81},
}  # fmt: skip
