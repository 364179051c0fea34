"""Whole numbers that add up: largest remainders in one dimension, controlled rounding in two."""

from __future__ import annotations

from collections.abc import Sequence


def largest_remainder(weights: Sequence[float], total: int) -> list[int]:
    """Split a total over weights in whole numbers that sum to it.

    Parameters
    ----------
    weights : sequence of float
        Not negative, at least one above zero.
    total : int
        What is split.

    Returns
    -------
    list of int
        Each within one of its exact share; ties go to the earlier.

    Raises
    ------
    ValueError
        If there is something to split and no weight.
    """
    whole = sum(weights)
    if whole <= 0:
        if total:
            raise ValueError(f"{total} cannot be split: every weight is zero.")
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda i: (-round(exact[i] - parts[i], 9), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def controlled_rounding(rows: Sequence[int], columns: Sequence[int]) -> list[list[int]]:
    """Fill a table in whole numbers so that both its margins are kept exactly.

    Every cell is the whole number just below or above ``row × column / total``, the table in
    which rows and columns are independent. Use it where only the margins are known; where the
    cells are known too, round those instead.

    Parameters
    ----------
    rows, columns : sequence of int
        Margins, not negative, with the same sum.

    Returns
    -------
    list of list of int
        The table, row by row.

    Raises
    ------
    ValueError
        If the margins differ in sum or one is negative.

    Notes
    -----
    Controlled rounding after Cox [1]_, without chance: as the margins are whole, every row and
    column with a fraction has two of them, so fractions lie on a cycle. Along it, fractions are
    raised and lowered in turn until one is whole, in the direction that needs the smaller step.

    References
    ----------
    .. [1] L. H. Cox (1987), A constructive procedure for unbiased controlled rounding, Journal of
       the American Statistical Association 82(398), 520–524, doi:10.1080/01621459.1987.10478456.
    """
    total = sum(rows)
    if total != sum(columns) or min((*rows, *columns), default=0) < 0:
        given = f"{total} and {sum(columns)}"
        raise ValueError(f"the margins sum to {given}; expected equal sums and no negatives.")
    if not total:
        return [[0] * len(columns) for _ in rows]
    floor = [[r * c // total for c in columns] for r in rows]
    part = [[r * c % total for c in columns] for r in rows]  # fractions, in 1/total: exact
    done = 0
    while True:
        while done < len(part) and not any(part[done]):
            done += 1  # a row without fractions keeps none
        if done == len(part):
            return floor
        cycle = _cycle(part, done)
        rise = [part[i][j] for i, j in cycle[0::2]], [part[i][j] for i, j in cycle[1::2]]
        up = min(total - max(rise[0]), *rise[1])
        down = min(*rise[0], total - max(rise[1]))
        step = up if up <= down else -down
        for number, (i, j) in enumerate(cycle):
            part[i][j] += step if number % 2 == 0 else -step
            if part[i][j] == total:
                floor[i][j] += 1
                part[i][j] = 0


def _cycle(part: list[list[int]], start: int) -> list[tuple[int, int]]:
    """Cells with fractions that form a cycle, turning between row and column at each step.

    Rows before `start` have no fractions, and `start` has.
    """
    path: list[tuple[int, int]] = []
    rows, columns = {start: 0}, dict[int, int]()
    row, column = start, -1
    while True:
        column = next(j for j, value in enumerate(part[row]) if value and j != column)
        path.append((row, column))
        if column in columns:
            return path[columns[column] :]
        columns[column] = len(path)
        row = next(i for i in range(start, len(part)) if part[i][column] and i != row)
        path.append((row, column))
        if row in rows:
            return path[rows[row] :]
        rows[row] = len(path)
