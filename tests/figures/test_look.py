"""Colours of optimizers can be told apart: by colour-blind readers too, and on dark ground."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from moving_figures import on_dark

from adambook.figures.look import COLOURS, DASHES, HEAT, LIGHTEST, MIDDLE

# Ottosson (2020), OKLab: equal distances look equally far apart; black and white are 1 apart.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
# Machado, Oliveira and Fernandes (2009), severity 1, on linear red, green and blue.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
READERS = {"all cones": np.eye(3), "no green": DEUTERANOPIA, "no red": PROTANOPIA}
GROUNDS = {"light": lambda rgb: rgb, "dark": lambda rgb: np.array(to_rgb(on_dark(to_hex(rgb))))}
SIDE_BY_SIDE = ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam")


def linear(rgb):
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def seen(colour, reader, ground):
    light = READERS[reader] @ linear(GROUNDS[ground](np.array(to_rgb(colour))))
    return TO_LAB @ np.cbrt(TO_CONES @ np.clip(light, 0, 1))


def apart(one, other, reader, ground):
    return np.linalg.norm(seen(one, reader, ground) - seen(other, reader, ground))


def test_black_and_white_are_one_apart_and_red_and_green_come_near_without_green_cones():
    assert apart("#000000", "#ffffff", "all cones", "light") == pytest.approx(1, abs=1e-3)
    red, green = "#d55e00", "#889000"
    with_all, without = (apart(red, green, r, "light") for r in ("all cones", "no green"))
    assert without < with_all / 3


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("reader", READERS)
def test_optimizers_that_race_side_by_side_have_colours_apart(reader, ground):
    near = {
        pair: distance
        for pair in combinations(SIDE_BY_SIDE, 2)
        if (distance := apart(*(COLOURS[name] for name in pair), reader, ground)) < 0.07
    }
    assert near == {}


def test_every_optimizer_has_a_line_of_its_own():
    lines = [DASHES[name] for name in COLOURS if name not in ("paper", "bound")]
    assert len(set(lines)) == len(lines)


def brightness(colour, ground):
    return linear(GROUNDS[ground](np.array(to_rgb(colour)))) @ [0.2126, 0.7152, 0.0722]


def contrast(colour, ground):
    pair = sorted((brightness(colour, ground), brightness("white", ground)))
    return (pair[1] + 0.05) / (pair[0] + 0.05)


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_is_no_optimizer_stands_out_on_its_ground(ground):
    assert min(contrast(colour, ground) for colour in (MIDDLE, LIGHTEST)) > 3


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_map_leaves_its_ground_step_by_step_and_no_value_looks_like_none(ground):
    steps = [contrast(HEAT(part), ground) for part in np.linspace(0, 1, 21)]
    assert steps == sorted(steps)
    assert steps[0] > 1.25 and steps[-1] > 10
