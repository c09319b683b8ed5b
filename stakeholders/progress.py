"""How far a long step has come: a count, a rate, the time left. Who shows it is another's affair."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from time import monotonic
from typing import Protocol, Self


class Watch(Protocol):
    """What a long step calls again and again.

    It may raise, such as KeyboardInterrupt, to end the step; nothing is then left half-written.

    Parameters
    ----------
    step : str
        What is being done, such as ``"reading relations"``.
    done : int
        How much of it.
    total : int
        How much there is; 0 if that is not known.
    unit : str
        Of both: ``"bytes"``, ``"rows"`` or whatever is counted.
    """

    def __call__(self, step: str, done: int, total: int, unit: str) -> None: ...


_OF_ALL: ContextVar[Watch | None] = ContextVar("watch", default=None)


def unwatched(step: str, done: int, total: int, unit: str) -> None:
    """What a step calls that was given no watch of its own: the one that is kept over all that is done, if any is."""
    if (watch := _OF_ALL.get()) is not None:
        watch(step, done, total, unit)


def carried(watch: Watch) -> Watch:
    """The same watch for another thread, which would not know what is kept over all that is done here."""
    return (_OF_ALL.get() or watch) if watch is unwatched else watch


class Meter:
    """A watch that says how far a step is, how fast it goes and what time is left, once it has taken a second.

    In a ``with`` statement it is told of every step in it that is given no watch, and closed at its end.

    Parameters
    ----------
    say : callable
        Takes a line of text, each in place of the one before; an empty one when there is nothing more to say.
    clock : callable
        Seconds since some moment.

    Examples
    --------
    >>> lines, seconds = [], iter([0.0, 2.0])
    >>> meter = Meter(lines.append, clock=lambda: next(seconds))
    >>> meter("reading relations", 0, 10_000_000, "bytes")
    >>> meter("reading relations", 4_000_000, 10_000_000, "bytes")
    >>> lines
    ['reading relations: 40 % (4.0 of 10.0 MB), 2.0 MB/s, 3 s left']
    """

    AFTER = 1.0  # seconds before the first word
    EVERY = 0.2

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = monotonic) -> None:
        self._say, self._clock = say, clock
        self._step, self._from, self._start, self._next, self._shown = "", 0, 0.0, 0.0, False
        self._before: Token[Watch | None] | None = None

    def __enter__(self) -> Self:
        self._before = _OF_ALL.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            _OF_ALL.reset(self._before)
        self.close()

    def __call__(self, step: str, done: int, total: int, unit: str) -> None:
        now = self._clock()
        if step != self._step:
            self._step, self._from, self._start, self._next = step, done, now, now + self.AFTER
        elif now >= self._next:
            self._next, self._shown = now + self.EVERY, True
            self._say(self._line(done, total, unit, (done - self._from) / max(now - self._start, 1e-9)))

    def counting(self, step: str, unit: str = "bytes") -> Callable[[int, int], None]:
        """The same for one step, told only how much of how much is done."""
        return lambda done, total: self(step, done, total, unit)

    def close(self) -> None:
        """Take the last line back."""
        if self._shown:
            self._say("")
        self._step, self._shown = "", False

    def _line(self, done: int, total: int, unit: str, rate: float) -> str:
        if not total:
            return f"{self._step}: {_amount(done, unit)}, {_amount(rate, unit)}/s"
        share = f"{done * 100 // total} %"
        left = f", {_span((total - done) / rate)} left" if rate > 0 else ""
        of_total = f"{_amount(done, unit).split()[0]} of {_amount(total, unit)}"
        if _amount(done, unit).split()[1:] != _amount(total, unit).split()[1:]:
            of_total = f"{_amount(done, unit)} of {_amount(total, unit)}"
        return f"{self._step}: {share} ({of_total}), {_amount(rate, unit)}/s{left}"


def _amount(count: float, unit: str) -> str:
    """A count as one reads it.

    Examples
    --------
    >>> _amount(12_345_678, "bytes"), _amount(12_345_678, "rows"), _amount(950, "rows")
    ('12.3 MB', '12.3 million rows', '950 rows')
    """
    steps = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")) if unit == "bytes" else (
        (1e9, f"billion {unit}"), (1e6, f"million {unit}"), (1e3, f"thousand {unit}"), (1, unit))  # fmt: skip
    size, word = next((step for step in steps if count >= step[0]), steps[-1])
    return f"{count / size:.1f} {word}" if size > 1 else f"{count:.0f} {word}"


def _span(seconds: float) -> str:
    """A time left, as one reads it.

    Examples
    --------
    >>> _span(3.4), _span(200), _span(8000)
    ('3 s', '3 min 20 s', '2 h 13 min')
    """
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
