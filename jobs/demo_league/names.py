"""Invented names: the league's teams and an endless supply of player names.

Nothing here is the name of a real team or player on purpose; what they do on the floor is elsewhere.
"""

from __future__ import annotations

import random

TEAM_NAMES = {
    "ALD": "Alderport Herons",
    "BEL": "Bellhaven Bakers",
    "BRW": "Brightwater Otters",
    "CIN": "Cinderford Sparks",
    "COR": "Corvale Ravens",
    "DUN": "Dunmere Drovers",
    "EAS": "Eastmoor Elks",
    "ELM": "Elmsworth Owls",
    "FAI": "Fairholt Falcons",
    "FRO": "Frostwick Foxes",
    "GAL": "Galehurst Gulls",
    "GRA": "Granholt Rams",
    "HAR": "Harrowfen Hounds",
    "HOL": "Hollowbay Hornbills",
    "IRO": "Ironridge Smiths",
    "JUN": "Juniper Fall Jays",
    "KES": "Kestrel Point Kites",
    "LAN": "Lanternby Lights",
    "LOR": "Lorwick Lynxes",
    "MAR": "Marrowdale Mules",
    "MIS": "Mistral Bay Mariners",
    "NOR": "Northfen Newts",
    "OAK": "Oakhollow Oxen",
    "PEM": "Pembrow Pilots",
    "QUA": "Quarryton Quakes",
    "RED": "Redcairn Rovers",
    "RIV": "Riverbend Rapids",
    "SAL": "Saltmarsh Sailors",
    "STO": "Stonewick Stags",
    "THO": "Thornmere Thistles",
    "VAL": "Valeport Vipers",
    "WIL": "Willowmere Wolves",
}
"""Team names by abbreviation; a league takes as many as it needs, in this order."""


def _parts(*lines: str) -> list[str]:
    return " ".join(lines).split()


_FIRST = (
    _parts("Ar Bren Cal Dov El Fen Gar Hol Is Jor Kel Lor Mar", "Nev Or Per Quin Ros Sel Tav Ul Ven Wes Yor Zan"),
    _parts("a ador an ek el en ic il in is mar o on ram ren ric us vin win yn"),
)
_LAST = (
    _parts(
        "Alder Bram Cinder Dray Ember Fal Grim Har Iron Kest",
        "Lor Mallow Nether Oak Pell Quill Rav Storm Thorn Ves",
    ),
    _parts(
        "bane brook by croft dale den fell ford gate ham holt",
        "horn ley mere more ridge shaw stead ton wick wold",
    ),
)


class NameRegister:
    """Hands out player names, each once in the life of the register."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def new_name(self) -> str:
        """A first and a last name that nobody in the league has or had."""
        while True:
            first, last = ("".join(self._rng.choice(part) for part in parts) for parts in (_FIRST, _LAST))
            name = f"{first} {last}"
            if name not in self._taken:
                self._taken.add(name)
                return name
