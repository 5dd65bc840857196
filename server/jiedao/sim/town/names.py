# SPDX-License-Identifier: Apache-2.0
"""Invented words: people, shops, firms. Nobody living is meant.

People's given names are put together from words for stones, water, plants and weather, two of them
each, so that the whole staff reads as plainly made up while still sounding like names.
"""

import random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SURNAMES = "林陈黄何周梁罗叶邓钟曾蔡杨许余温丘江石赖范戴卢苏彭曹龚汤柯阮"
_FIRST = "青禾石溪云松竹荷舟岚雨泉柏麦桐芦岩苇棠榆汀渡霜杉槐枫田屿浦苔"
_SECOND = "安平川白洲原之明和宁遥生远亭野秋晴晓南圃舒然朗粟青帆波晚笙"
_BRANDS = _words(
    """顺和 兴隆 福满 家常 老街 青石 河边 南门 好运 万丰 同心 常来 溪口 三味 阿婆 桥头 东升 新丰
    大江 小满 荣记 泰和 乐家 金穗 榕荫 岭南 竹里 茶亭 松风 禾香"""
)
_TRADES = {
    "stall": _words(
        """小吃店 粮油店 便利店 五金店 理发店 早餐铺 水果店 药店 文具店 手机维修店 服装店 洗衣店
        面包房 电动车行 肠粉店 凉茶铺"""
    ),
    "workshop": _words(
        "制衣坊 木器坊 印刷坊 电子加工点 鞋材坊 豆制品坊 五金加工点 包装坊 模具坊 糕点坊"
    ),
    "amusement": _words("棋牌室 网吧 台球室 卡拉OK 足浴店 电竞馆 茶座 健身房"),
}
_FIRM_BRANDS = _words("青禾 溪石 兴禾 云桐 松原 联竹 南汀 河洲 岚泰 白麦 榆川 丰苇 远舟 和杉 晴田")
_FIRM_TRADES = _words(
    "电子 五金制品 塑胶制品 服装 鞋业 包装 印刷 家具 食品 模具 照明 物流 建材 纸品 玩具 机械"
)
_ESTATE_BRANDS = _words(
    "荷风 竹影 柳岸 金穗 河畔 榕荫 青禾 云桐 松涛 麦田 南汀 晴川 桂花 兰亭 梧桐 芦苇"
)
_ESTATE_KINDS = _words("花园 新村 小区 公寓 苑 里 大院 商住楼")


def people(count: int, dice: random.Random) -> list[str]:
    """So many invented names, no two alike."""
    seen: set[str] = set()
    while len(seen) < count:
        name = dice.choice(_SURNAMES) + dice.choice(_FIRST) + dice.choice(_SECOND)
        if len(set(name)) == 3:
            seen.add(name)
    out = sorted(seen)
    dice.shuffle(out)
    return out


def shop(kind: str, dice: random.Random) -> str:
    """A small shop, workshop or place of amusement; names repeat, as they do in a town."""
    return dice.choice(_BRANDS) + dice.choice(_TRADES[kind])


def firm(number: int, dice: random.Random) -> str:
    """An enterprise; the number keeps names apart and says that it is invented."""
    brand = dice.choice(_FIRM_BRANDS) + dice.choice(_FIRM_BRANDS)[0]
    return f"{brand}{dice.choice(_FIRM_TRADES)}厂（虚构{number:04d}）"


def estate(dice: random.Random) -> str:
    """A block of flats or a compound."""
    return f"{dice.choice(_ESTATE_BRANDS)}{dice.choice(_ESTATE_KINDS)}{dice.randint(1, 28)}栋"
