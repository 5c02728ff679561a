"""Timing side by side, and the table that comes of it."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter


def measure(contestants, *, runs=5, rounds=20, warm_up=3, before=None):
    """Return for each contestant (a function by name) the median milliseconds of each run.

    All take turns in every round, so that whatever else the machine does hits all of them. Each round starts with
    another one. `before()` is called before each turn and not timed.
    """
    for function in contestants.values():
        for _ in range(warm_up):
            if before:
                before()
            function()
    medians = {name: [] for name in contestants}
    for _ in range(runs):
        times = {name: [] for name in contestants}
        turns = list(contestants.items())
        for _ in range(rounds):
            turns.append(turns.pop(0))
            for name, function in turns:
                if before:
                    before()
                start = perf_counter()
                function()
                times[name].append((perf_counter() - start) * 1000)
        for name, found in times.items():
            medians[name].append(median(found))
    return medians


@dataclass(frozen=True)
class Row:
    """A line of the table. `times` are medians by run; so are those it stands beside. No `limit`: for information."""

    what: str
    times: list[float]
    beside: list[float] | None = None
    limit: float | None = None

    @property
    def milliseconds(self):
        """The median of the medians."""
        return median(self.times)

    @property
    def ratio(self):
        """The median of the ratios within each run."""
        if self.beside is None:
            return None
        return median(mine / other for mine, other in zip(self.times, self.beside, strict=True))

    @property
    def is_over(self):
        """Whether there is a limit and it is missed."""
        return self.limit is not None and self.ratio > self.limit

    @property
    def cells(self):
        """The line in words."""
        digits = 3 if self.milliseconds < 1 else 2 if self.milliseconds < 100 else 0
        return (
            self.what,
            f"{self.milliseconds:,.{digits}f}",
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.limit is None else f"{self.limit:g}",
            "" if self.limit is None else "OVER" if self.is_over else "yes",
        )


@dataclass(frozen=True)
class Fact:
    """A line that is no time but a ratio or a number, which is within its limit or not. No `limit`: for information."""

    what: str
    found: str
    limit: str = ""
    is_over: bool = False

    @property
    def cells(self):
        """The line in words."""
        return self.what, "", self.found, self.limit, "OVER" if self.is_over else "yes" if self.limit else ""


@dataclass(frozen=True)
class Heading:
    """A line that names the group of lines below it."""

    what: str
    is_over = False

    @property
    def cells(self):
        """The line in words."""
        return self.what, "", "", "", ""


def print_table(rows):
    """Print all lines under their headings, and those over their limit once more at the end."""
    lines = [("what", "median ms", "ratio", "limit", "within?"), *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    for number, (what, *cells) in enumerate(lines):
        indent = "" if number == 0 or isinstance(rows[number - 1], Heading) else "  "
        if indent == "" and number:
            print()
        line = f"{indent + what:<{widths[0] + 2}}" + "".join(
            f"  {cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True)
        )
        print(line.rstrip())
    over = [row for row in rows if row.is_over]
    print()
    if over:
        print(f"!!! {len(over)} OVER THE LIMIT !!!")
        for row in over:
            print(f"!!! {row.what}")
    else:
        print("Everything measured is within its limit.")
