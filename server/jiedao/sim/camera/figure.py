# SPDX-License-Identifier: Apache-2.0
"""Drawing a walking person: legs, arms, a shadow. Plain shapes, no face."""

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from jiedao.sim.camera.encode import Picture
from jiedao.sim.camera.walk import Point, Pose

Colour = tuple[int, int, int]

FAR_PX = 34  # shorter people are drawn without hands, and their shadow without a soft edge

_SHIFT = 4
_ONE = 1 << _SHIFT
_TURNS = np.linspace(0, 2 * math.pi, 16, endpoint=False)
_ROUND = np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=1)


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody wears; colours are BGR."""

    top: Colour
    trousers: Colour
    hair: Colour = (26, 26, 30)
    skin: Colour = (118, 142, 172)
    bag: Colour | None = None
    umbrella: Colour | None = None


# Clothes stand out from paving and water, which are of a middle grey: what nearly hides somebody
# belongs into tests of detection, not into a demo.
LOOKS = (
    Look(top=(84, 58, 44), trousers=(44, 40, 38)),
    Look(top=(40, 36, 120), trousers=(50, 46, 42), bag=(36, 44, 62)),
    Look(top=(172, 170, 164), trousers=(40, 38, 40)),
    Look(top=(48, 76, 44), trousers=(50, 42, 36)),
    Look(top=(46, 44, 48), trousers=(158, 154, 146), hair=(60, 60, 64)),
    Look(top=(168, 160, 188), trousers=(52, 44, 40), bag=(70, 60, 110)),
    Look(top=(90, 168, 204), trousers=(46, 46, 50)),
    Look(top=(70, 44, 74), trousers=(34, 34, 38), umbrella=(96, 70, 52)),
)


def _fixed(x: float, y: float) -> tuple[int, int]:
    return round(x * _ONE), round(y * _ONE)


def _limb(image: Picture, joints: list[Point], width: float, colour: Colour) -> None:
    for start, end in pairwise(joints):
        cv2.line(
            image,
            _fixed(*start),
            _fixed(*end),
            colour,
            max(1, round(width)),
            cv2.LINE_AA,
            _SHIFT,
        )


def _oval(image: Picture, at: Point, axes: Point, colour: Colour) -> None:
    # OpenCV's own ellipses grow horns when they are only a few pixels wide.
    points = (_ROUND * axes + at) * _ONE
    cv2.fillConvexPoly(image, np.rint(points).astype(np.int32), colour, cv2.LINE_AA, _SHIFT)


def _darker(colour: Colour, share: float) -> Colour:
    return int(colour[0] * share), int(colour[1] * share), int(colour[2] * share)


def draw_shadow(image: Picture, pose: Pose, strength: float = 0.3) -> None:
    """Darken the ground behind a person, softly: the light stands on the camera's side."""
    rows, columns = image.shape[:2]
    height = pose.height * rows
    half_w, half_h = round(height * 0.22) + 1, round(height * 0.06) + 1
    x = round(pose.foot[0] * columns + height * 0.05)
    y = round(pose.foot[1] * rows) - half_h * 2 // 3
    left, right = max(0, x - half_w), min(columns, x + half_w)
    top, bottom = max(0, y - half_h), min(rows, y + half_h)
    if left >= right or top >= bottom:
        return
    ground = image[top:bottom, left:right]
    dark = ground.copy()
    cv2.ellipse(
        dark,
        (x - left, y - top),
        (max(1, half_w * 3 // 4), max(1, half_h * 2 // 3)),
        0,
        0,
        360,
        (16, 17, 18),
        -1,
        cv2.LINE_AA,
    )
    if height >= FAR_PX:
        cv2.blur(dark, (half_h | 1, half_h | 1), dst=dark)
    cv2.addWeighted(dark, strength, ground, 1 - strength, 0, dst=ground)


def draw_figure(image: Picture, pose: Pose, look: Look) -> None:
    """Draw one person into a BGR picture; the lower foot touches the pose's ground point."""
    rows, columns = image.shape[:2]
    height = pose.height * rows
    x, ground = pose.foot[0] * columns, pose.foot[1] * rows
    if not -height < x < columns + height:
        return
    draw_shadow(image, pose)
    across = abs(pose.heading[0]) if pose.walking else 0.25
    facing = math.copysign(1.0, pose.heading[0])
    swing = math.sin(pose.stride_rad) if pose.walking else 0.0
    bob = 0.012 * height * abs(swing)

    def leg(sign: float, shade: float) -> None:
        forward = sign * swing * facing
        hip = (x + sign * 0.035 * height * (1 - across), ground - 0.50 * height + bob)
        lift = max(0.0, sign * math.cos(pose.stride_rad)) * 0.055 * height * pose.walking
        foot_x = x + forward * 0.17 * height * across + sign * 0.05 * height * (1 - across)
        foot = (foot_x, ground - 0.035 * height - lift)
        bend = facing * across * 0.035 * height + facing * across * lift * 0.9
        knee = ((hip[0] + foot[0]) / 2 + bend, (hip[1] + foot[1]) / 2)
        _limb(image, [hip, knee], 0.105 * height, _darker(look.trousers, shade))
        _limb(image, [knee, foot], 0.08 * height, _darker(look.trousers, shade))
        shoe = (foot_x + facing * across * 0.03 * height, ground - 0.02 * height - lift)
        _oval(image, shoe, (0.052 * height, 0.02 * height), _darker((40, 40, 44), shade))

    def arm(sign: float, shade: float) -> None:
        shoulder = (x + sign * 0.105 * height * (1 - 0.75 * across), ground - 0.79 * height + bob)
        reach = -sign * swing * facing * across
        elbow = (shoulder[0] + reach * 0.07 * height, shoulder[1] + 0.16 * height)
        hand = (
            elbow[0] + (reach * 0.08 + abs(reach) * 0.03 * facing) * height,
            elbow[1] + 0.14 * height,
        )
        _limb(image, [shoulder, elbow, hand], 0.062 * height, _darker(look.top, shade))
        if height >= FAR_PX:
            _oval(image, hand, (0.022 * height, 0.026 * height), look.skin)

    arm(-1, 0.7)
    leg(-1, 0.78)
    leg(1, 1.0)
    _torso(image, (x, ground + bob), height, across, look)
    arm(1, 0.88)
    head = (x + facing * across * 0.012 * height, ground - 0.925 * height + bob)
    _oval(image, head, (0.052 * height, 0.066 * height), look.skin)
    hair = (head[0] - facing * across * 0.016 * height, head[1] - 0.02 * height)
    _oval(image, hair, (0.054 * height, 0.054 * height), look.hair)
    if look.umbrella:
        _umbrella(image, head, height, look.umbrella)


def _torso(image: Picture, foot: Point, height: float, across: float, look: Look) -> None:
    x, ground = foot
    shoulder = height * (0.125 - 0.045 * across)
    waist = height * (0.095 - 0.02 * across)
    top, bottom = ground - 0.835 * height, ground - 0.46 * height
    outline = [
        (x - shoulder * 0.55, top),
        (x + shoulder * 0.55, top),
        (x + shoulder, top + 0.06 * height),
        (x + waist, bottom),
        (x - waist, bottom),
        (x - shoulder, top + 0.06 * height),
    ]
    _fill(image, outline, look.top)
    lit = [outline[0], (x, top), (x - waist * 0.1, bottom), outline[4], outline[5]]
    _fill(image, lit, _darker(look.top, 0.86))
    _limb(image, [(x, top + 0.01 * height), (x, top - 0.03 * height)], 0.06 * height, look.skin)
    if look.bag:
        _oval(
            image,
            (x - waist * 1.1, ground - 0.47 * height),
            (0.05 * height, 0.075 * height),
            look.bag,
        )


def _fill(image: Picture, outline: list[Point], colour: Colour) -> None:
    points = np.array([_fixed(*point) for point in outline], dtype=np.int32)
    cv2.fillConvexPoly(image, points, colour, cv2.LINE_AA, _SHIFT)


def _umbrella(image: Picture, head: Point, height: float, colour: Colour) -> None:
    top = (head[0], head[1] - 0.07 * height)
    _limb(image, [(head[0], head[1] + 0.2 * height), top], 0.015 * height, (60, 60, 60))
    cv2.ellipse(
        image,
        _fixed(*top),
        _fixed(0.24 * height, 0.15 * height),
        0,
        180,
        360,
        colour,
        -1,
        cv2.LINE_AA,
        _SHIFT,
    )
