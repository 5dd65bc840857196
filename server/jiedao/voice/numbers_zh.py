# SPDX-License-Identifier: Apache-2.0
"""Numbers in spoken Mandarin. Pure."""

_DIGITS = "零一二三四五六七八九"
_TELEPHONE = "零幺二三四五六七八九"
_GROUP = (("千", 1000), ("百", 100), ("十", 10), ("", 1))
_GROUPS = ("", "万", "亿", "万亿")
MAX_CARDINAL = 10**16 - 1


def digits(text: str, *, telephone: bool = False) -> str:
    """Each digit by itself; with `telephone`, 1 is 幺, which carries better over a horn."""
    table = _TELEPHONE if telephone else _DIGITS
    return "".join(table[int(sign)] for sign in text)


def cardinal(number: int) -> str:
    """A number as it is counted: 10 is 十, 105 一百零五, 2200 两千二百, 22000 两万二千.

    Raises:
        ValueError: negative, or over MAX_CARDINAL.
    """
    if not 0 <= number <= MAX_CARDINAL:
        raise ValueError(number)
    if number < 10:
        return _DIGITS[number]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    spoken = ""
    gap = False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            gap = bool(spoken)
            continue
        if spoken and (gap or group < 1000):
            spoken += "零"
        words = _group(group, leads=not spoken)
        # 两万 and 两亿, but 十二万.
        spoken += ("两" if words == "二" and place else words) + _GROUPS[place]
        gap = False
    return spoken


def _group(group: int, *, leads: bool) -> str:
    """1..9999."""
    spoken, gap = "", False
    for word, size in _GROUP:
        digit, group = divmod(group, size)
        if digit == 0:
            gap = bool(spoken)
            continue
        if gap:
            spoken += "零"
            gap = False
        if size == 10 and digit == 1 and leads and not spoken:
            spoken += "十"
        else:
            spoken += ("两" if digit == 2 and size == 1000 and leads else _DIGITS[digit]) + word
    return spoken


def number(text: str) -> str:
    """A written number: thousands commas, decimals, leading zeros; no sign.

    3.25 is 三点二五, 1,200 一千二百, 007 零零七; a number too long to count is read by digits.
    """
    whole, point, fraction = text.replace(",", "").partition(".")
    if (len(whole) > 1 and whole.startswith("0")) or int(whole or "0") > MAX_CARDINAL:
        spoken = digits(whole)
    else:
        spoken = cardinal(int(whole or "0"))
    return spoken + ("点" + digits(fraction) if point and fraction else "")
