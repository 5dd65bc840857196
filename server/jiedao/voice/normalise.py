# SPDX-License-Identifier: Apache-2.0
"""Mandarin text as it is to be read aloud: no digit is left to the engine.

The engine loses decimal points and minus signs and counts emergency numbers, which makes a
water-level warning wrong. So everything with digits is put into words here, by rules that are
tried in order; each turns its digits into hanzi, so that no later rule sees them again.
The table of cases is tests/voice/normalise_cases.tsv.
"""

import re
import unicodedata
from collections.abc import Callable

from jiedao.voice.numbers_zh import cardinal, digits, number

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

N = r"\d+(?:,\d{3})*(?:\.\d+)?"
"""A number without a sign."""
FREE = r"(?<![\d.,:A-Za-z])"
"""What comes before is no part of the number."""
DASH = "-−–—~～至到"

_UNITS = {
    "mg/m³": "毫克每立方米",
    "μg/m³": "微克每立方米",
    "ug/m³": "微克每立方米",
    "m³/s": "立方米每秒",
    "L/min": "升每分钟",
    "mm/h": "毫米每小时",
    "km²": "平方公里",
    "m²": "平方米",
    "㎡": "平方米",
    "m³": "立方米",
    "mm": "毫米",
    "cm": "厘米",
    "km": "公里",
    "kg": "公斤",
    "mg": "毫克",
    "mL": "毫升",
    "ml": "毫升",
    "kWh": "千瓦时",
    "kW": "千瓦",
    "kV": "千伏",
    "MPa": "兆帕",
    "kPa": "千帕",
    "hPa": "百帕",
    "ppm": "ppm",
    "dB": "分贝",
    "Hz": "赫兹",
    "min": "分钟",
    "℃": "摄氏度",
    "°C": "摄氏度",
    "m": "米",
    "g": "克",
    "t": "吨",
    "L": "升",
    "V": "伏",
    "A": "安",
    "W": "瓦",
    "s": "秒",
    "h": "小时",
    "°": "度",
}
_PER = {"km/h": "每小时{}公里", "m/s": "每秒{}米", "r/min": "每分钟{}转"}
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_COUNTED = (
    "个|位|名|人|口|次|条|辆|台|件|起|处|户|家|只|头|遍|间|份|套|艘|架|张|步|倍|成|节|批|组|"
    "小时|分钟|秒|天|年|周|个月|米|公里|千米|厘米|毫米|吨|公斤|千克|斤|克|升|毫升|亩|元|块|万|亿|千|"
    "平方米|立方米|平方公里|点(?!\\d)|毫克|微克"
)
"""Words before which 2 is 两."""
_AFTER_COUNT = (
    f"{_COUNTED}|百|度|摄氏度|千瓦|伏|安|瓦|分贝|赫兹|分|月|日|号|楼|层|栋|幢|室|路|岁|折|级|伏|℃|%"
)
_SERVICE = "110|119|120|122|12345|12315|12319|12320|12328|12350|12355|12369|12378|12388|12393|95598"
_COMPARED = {"≥": "大于等于", "≤": "小于等于", ">": "大于", "<": "小于", "≈": "约"}
_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"


def normalise(text: str) -> str:
    """The text with every digit, unit and sign put into spoken Mandarin."""
    text = _plain(text)
    for pattern, spoken in _RULES:
        text = pattern.sub(spoken, text)
    for written, read in _SAID_OTHERWISE.items():
        text = text.replace(written, read)
    return text


_SAID_OTHERWISE: dict[str, str] = {
    # Words whose reading the engine gets wrong, written with signs that it reads right.
    "还款": "环款",
    "倒车": "到车",
    "漂走": "飘走",
    "漂来": "飘来",
    "曝光": "暴光",
}


_WIDE = {"％": "%", "．": ".", "－": "-", "＋": "+", "／": "/", "￥": "¥"}


def _plain(text: str) -> str:
    """Half-width digits and letters, no invisible signs, no blanks around numbers."""
    kept = []
    for sign in text:
        width = unicodedata.east_asian_width(sign)
        plain = unicodedata.normalize("NFKC", sign) if width == "F" and sign.isalnum() else sign
        plain = _WIDE.get(plain, plain)
        if unicodedata.category(sign) in ("So", "Cs", "Co", "Cn", "Cf") and sign not in "℃°㎡":
            continue
        kept.append(" " if unicodedata.category(sign) in ("Cc", "Zs", "Zl", "Zp") else plain)
    joined = re.sub(r"(?<=\d)：(?=\d)", ":", "".join(kept)).strip()
    joined = joined.replace("m2", "m²").replace("m3", "m³").replace("m^3", "m³")
    # 「20 米」 is written with a blank, and spoken without.
    return re.sub(r"(?<=[\d\u4e00-\u9fff]) +(?=[\d\u4e00-\u9fff%℃°a-zA-Zμ−-])", _blank, joined)


def _blank(found: re.Match[str]) -> str:
    """A blank between digits parts two numbers and stays; any other goes."""
    text, start, end = found.string, found.start(), found.end()
    both_digits = text[start - 1].isdigit() and text[end].isdigit()
    word = text[end].isascii() and text[end].isalpha() and not text[start - 1].isdigit()
    return " " if both_digits or word else ""


def _clock(found: re.Match[str]) -> str:
    hour, minute, second = found[1], found[2], found[3]
    spoken = ("两" if int(hour) == 2 else cardinal(int(hour))) + "点"
    if int(minute) or second:
        spoken += _two_places(minute) + "分"
    if second:
        spoken += _two_places(second) + "秒"
    return spoken


def _two_places(text: str) -> str:
    value = int(text)
    return ("零" if value < 10 and len(text) == 2 else "") + cardinal(value)


def _date(found: re.Match[str]) -> str:
    year, month, day = found[1], int(found[2]), int(found[3])
    return f"{digits(year)}年{cardinal(month)}月{cardinal(day)}日"


def _telephone(found: re.Match[str]) -> str:
    groups = re.split(r"[- ]", found[0])
    if len(groups) == 1 and len(found[0]) == 11 and found[0][0] == "1":
        groups = [found[0][:3], found[0][3:7], found[0][7:]]
    return "，".join(digits(group, telephone=True) for group in groups)


def _by_sign(found: re.Match[str]) -> str:
    return "".join(digits(c, telephone=True) if c.isdigit() else c for c in found[0] if c != "·")


def _code(found: re.Match[str]) -> str:
    letters, figures, decimals = found[1], found[2], found[3]
    if decimals:
        return letters + number(figures + decimals)
    return letters + digits(figures, telephone=len(figures) > 1)


def _room(found: re.Match[str]) -> str:
    figures = found[1]
    spoken = digits(figures, telephone=True) if len(figures) >= 3 else number(figures)
    return spoken + found[2]


def _long_label(found: re.Match[str]) -> str:
    """A house or bus number: long ones are read by digits."""
    figures, word = found[1], found[2]
    by_digits = len(figures) > 3 or (word == "路" and len(figures) == 3)
    return (digits(figures, telephone=True) if by_digits else number(figures)) + word


def _range(found: re.Match[str]) -> str:
    return f"{found[1]}到{found[2]}"


def _signed(found: re.Match[str]) -> str:
    sign, value = found[1], found[2]
    word = {"+": "正", "±": "正负"}.get(sign, "负")
    return word + value


def _below_zero(found: re.Match[str]) -> str:
    return "零下" + number(found[1]) + {"°C": "摄氏度", "℃": "摄氏度"}.get(found[2], found[2])


def _percent(found: re.Match[str]) -> str:
    return {"%": "百分之", "‰": "千分之"}[found[2]] + number(found[1])


def _per(found: re.Match[str]) -> str:
    return _PER[found[2]].format(_counted(found[1]))


def _money(found: re.Match[str]) -> str:
    return _counted(found[1]) + (found[2] or "") + "元"


def _with_unit(found: re.Match[str]) -> str:
    unit = _UNITS[found[2]]
    value = number(found[1]) if unit in ("摄氏度", "度") else _counted(found[1])
    return value + unit


def _counted(figures: str) -> str:
    """A number before something countable: 2 is 两."""
    return "两" if figures == "2" else number(figures)


def _loose(found: re.Match[str]) -> str:
    """Any number that is left: long ones without a counting word are labels."""
    return digits(found[0]) if len(found[0]) >= 7 and found[0].isdigit() else number(found[0])


def _rule(pattern: str, spoken: Callable[[re.Match[str]], str]) -> Rule:
    return re.compile(pattern, re.ASCII), spoken


_RULES: tuple[Rule, ...] = (
    # Dates and times.
    _rule(
        FREE + r"((?:19|20)\d\d)[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])(?![\d.])", _date
    ),
    _rule(FREE + r"((?:19|20)\d\d)(?=年(?!前|后|内|来))", lambda m: digits(m[1])),
    _rule(rf"(?<=\d)[{DASH}](?=\d{{1,2}}:[0-5]\d)", lambda _m: "到"),
    _rule(FREE + r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])", _clock),
    _rule(FREE + r"(\d{1,3}):(\d{1,3})(?![\d:])", lambda m: f"{number(m[1])}比{number(m[2])}"),
    # Telephones, services, plates.
    _rule(
        FREE + r"(?:1[3-9]\d(?:[- ]?\d{4}){2}|0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4})(?!\d)", _telephone
    ),
    _rule(rf"[{_PROVINCES}][A-Z]·?[A-Z0-9]{{5,6}}(?![A-Za-z0-9])", _by_sign),
    _rule(
        rf"{FREE}(?:{_SERVICE})(?![\d.,:/%]|{_AFTER_COUNT}|{_UNIT})"
        rf"|(?<=拨打)(?:{_SERVICE})(?!\d)|(?<=电话)(?:{_SERVICE})(?!\d)",
        lambda m: digits(m[0], telephone=True),
    ),
    # Codes: letters and then digits, as in GB28181, G15, B1, PM2.5.
    _rule(r"([A-Za-z]+)[- ]?(\d+)(\.\d+)?(?![\d])", _code),
    # Doors, houses, bus lines.
    _rule(FREE + r"(\d{1,5})(室|房|病房|教室)", _room),
    _rule(r"(?:(?<=栋)|(?<=幢)|(?<=座)|(?<=单元))(\d{3,5})()(?![\d米人户])", _room),
    _rule(FREE + r"(\d{1,6})(路|号(?!楼))", _long_label),
    # Signs before and between numbers.
    _rule(rf"(?<![\d%℃度])[-−]({N})(℃|°C|度)", _below_zero),
    _rule(rf"(?<=\d)[{DASH}](?=[-−]\d)", lambda _m: "到"),
    _rule(rf"{FREE}({N}(?:%|℃|°C|{_UNIT})?)[{DASH}]({N})(?![{DASH}\d])", _range),
    _rule(rf"(?<![\d%℃度A-Za-z.])([-−+±])({N})", _signed),
    _rule(rf"([≥≤><≈])({N})", lambda m: _COMPARED[m[1]] + m[2]),
    _rule(rf"({N})[×xX*]({N})", lambda m: f"{number(m[1])}乘{number(m[2])}"),
    # Percent, fractions, units, money.
    _rule(rf"({N})([%‰])", _percent),
    _rule(FREE + r"(\d{1,3})/(\d{1,3})(?![\d/])", lambda m: f"{number(m[2])}分之{number(m[1])}"),
    _rule(rf"({N})(km/h|m/s|r/min)", _per),
    _rule(rf"[¥]({N})([万亿]?)元?", _money),
    _rule(rf"({N})({_UNIT})(?![A-Za-z])", _with_unit),
    # What is counted, and the rest.
    _rule(rf"第({N})", lambda m: "第" + number(m[1])),
    _rule(FREE + rf"(?<!到)(2)(?={_COUNTED})", lambda _m: "两"),
    _rule(r"\d+(?:\.\d+){2,}", lambda m: "点".join(number(part) for part in m[0].split("."))),
    _rule(rf"({N})(?={_AFTER_COUNT})", lambda m: number(m[1])),
    _rule(N, _loose),
)
