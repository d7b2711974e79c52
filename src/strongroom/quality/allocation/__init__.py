"""Where the next judgements should go, when to stop asking, and what more of them would buy.

    state = State(answers, consensus(answers), cap=9)
    picks = next_items(state, budget=100)            the items whose answers help most
    stop(state, least_gain=0.002)                    is another round worth its price?
    forecast(state, 1000)                            what would a thousand more buy?

`Live` keeps a state up to date answer by answer.
"""

from strongroom.quality.allocation.forecast import Forecast, forecast
from strongroom.quality.allocation.gain import expected_gain
from strongroom.quality.allocation.live import Live
from strongroom.quality.allocation.next_items import Picks, next_items
from strongroom.quality.allocation.route import route
from strongroom.quality.allocation.state import State
from strongroom.quality.allocation.stop import stop

__all__ = ["Forecast", "Live", "Picks", "State", "expected_gain", "forecast", "next_items", "route", "stop"]
