"""A simulated venue: binance and bybit as ccxt asks them, with a clock, page limits and troubles.

Prices and rates are functions of time, so that a test knows every row that is due.
"""

import math
import threading
from datetime import UTC, datetime

from venue_server import Reply, serving

HOUR = 3_600_000
DAY = 24 * HOUR
HTML = Reply("<html><body>Checking your browser</body></html>", kind="text/html; charset=utf-8")


def at(text):
    """Milliseconds of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def spot_price(time):
    return round(60000 + 900 * math.sin(time / (37 * HOUR)) + 40 * math.sin(time / HOUR * 1.3), 2)


def futures_price(time):
    return round(spot_price(time) * (1.0004 + 0.0003 * math.sin(time / (90 * HOUR))), 1)


def rate(time):
    return round(0.0001 + 0.00008 * math.sin(time / (50 * HOUR)), 8)


class Venue:
    """What the simulated venue has and does.

    Parameters
    ----------
    now
        Its clock in milliseconds; None is the last request's end.
    intervals
        Pairs of a time and the hours of the funding interval from then on.
    listed
        Since when there are rows.
    troubles
        Called with each request and its number; gives a Reply instead of the data, or None.
    """

    def __init__(self, now, intervals, listed=1546300800000, page=1000, jitter=3):
        self.now = now
        self.intervals = intervals
        self.listed = listed
        self.page = page
        self.jitter = jitter
        self.without_settlements = set()
        self.without_spot = set()
        self.without_futures = set()
        self.troubles = lambda asked, number: None
        self.requests = 0
        self._known = (None, [])
        self._lock = threading.Lock()

    def settlements(self):
        """Every settlement up to now that the venue has, on the hour."""
        key = (self.now, tuple(self.intervals), frozenset(self.without_settlements))
        if key == self._known[0]:
            return self._known[1]
        found = []
        for place, (start, hours) in enumerate(self.intervals):
            end = self.intervals[place + 1][0] if place + 1 < len(self.intervals) else self.now + 1
            step = hours * HOUR
            first = max(start, self.listed)
            found += range(-(-first // step) * step, min(end, self.now + 1), step)
        found = [time for time in found if time not in self.without_settlements]
        self._known = (key, found)
        return found

    def due(self, since, until):
        return [time for time in self.settlements() if since < time <= until]

    def answer(self, asked):
        with self._lock:
            self.requests += 1
            number = self.requests
        return self.troubles(asked, number) or self._data(asked)

    def _data(self, asked):
        query = asked.query
        if asked.path.endswith("/exchangeInfo"):
            return Reply(_exchange_info(asked.host))
        if asked.path.endswith("/fundingRate"):
            return Reply(self._binance_funding(query))
        if asked.path.endswith("/klines"):
            spot = asked.host.startswith("api.")
            return Reply(self._klines(query, spot))
        if asked.path == "/v5/market/instruments-info":
            return Reply(_bybit(_instruments(query)))
        if asked.path == "/v5/market/funding/history":
            return Reply(_bybit({"list": self._bybit_funding(query)}))
        if asked.path == "/v5/market/kline":
            return Reply(_bybit({"list": self._bybit_bars(query)}))
        return Reply({"code": -1121, "msg": "Invalid symbol."}, 400)

    def _binance_funding(self, query):
        """Oldest first, cut off after the page's limit without a word."""
        start, end = int(query.get("startTime", 0)), int(query.get("endTime", self.now))
        limit = min(int(query.get("limit", 100)), self.page)
        booked = [(time + time // HOUR % (self.jitter + 1), time) for time in self.settlements()]
        rows = [pair for pair in booked if start <= pair[0] <= end]
        rows = rows[:limit] if "startTime" in query else rows[-limit:]
        return [
            {"symbol": query["symbol"], "fundingTime": late, "fundingRate": f"{rate(time):.8f}",
             "markPrice": "60000"}
            for late, time in rows
        ]  # fmt: skip

    def _bybit_funding(self, query):
        """Newest first, and the newest of what was asked where that is more than a page."""
        start, end = int(query.get("startTime", 0)), int(query.get("endTime", self.now))
        rows = [time for time in self.settlements() if start <= time <= end]
        limit = min(int(query.get("limit", 200)), 200, self.page)
        return [
            {"symbol": query["symbol"], "fundingRate": repr(rate(time)),
             "fundingRateTimestamp": str(time)}
            for time in reversed(rows[-limit:])
        ]  # fmt: skip

    def _bars(self, start, end, step, spot, limit, newest=False):
        missing = self.without_spot if spot else self.without_futures
        price = spot_price if spot else futures_price
        first = max(-(-start // step) * step, self.listed)
        times = [t for t in range(first, min(end, self.now) + 1, step) if t not in missing]
        times = times[-limit:] if newest else times[:limit]
        # The running bar's close is the current price.
        return [(t, price(t), price(min(t + step, self.now))) for t in times]

    def _klines(self, query, spot):
        step = _step(query["interval"])
        start, end = int(query.get("startTime", 0)), int(query.get("endTime", self.now))
        limit = min(int(query.get("limit", 500)), self.page)
        return [
            [t, str(first), str(max(first, last)), str(min(first, last)), str(last), "1",
             t + step - 1, "1", 1, "1", "1", "0"]
            for t, first, last in self._bars(start, end, step, spot, limit)
        ]  # fmt: skip

    def _bybit_bars(self, query):
        step = int(query["interval"]) * 60_000
        start, end = int(query.get("start", 0)), int(query.get("end", self.now))
        limit = min(int(query.get("limit", 200)), self.page)
        bars = self._bars(start, end, step, query["category"] == "spot", limit, newest=True)
        return [
            [str(t), str(first), str(max(first, last)), str(min(first, last)), str(last), "1", "1"]
            for t, first, last in reversed(bars)
        ]

    def serving(self):
        """A server with this venue on 127.0.0.1."""
        return serving(self.answer, lambda: self.now)


def _step(name):
    return int(name[:-1]) * {"m": 60_000, "h": HOUR, "d": DAY}[name[-1]]


def _exchange_info(host):
    lot = {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"}
    tick = {"filterType": "PRICE_FILTER", "minPrice": "0.1", "maxPrice": "1e6", "tickSize": "0.1"}
    symbols = []
    for base in ("BTC", "ETH"):
        common = {
            "symbol": f"{base}USDT", "baseAsset": base, "quoteAsset": "USDT", "status": "TRADING",
            "filters": [lot, tick],
        }  # fmt: skip
        if host.startswith("api."):
            symbols.append({**common, "isSpotTradingAllowed": True, "permissions": ["SPOT"]})
        if host.startswith("fapi."):
            perpetual = {"pair": f"{base}USDT", "contractType": "PERPETUAL", "marginAsset": "USDT"}
            symbols.append({**common, **perpetual, "onboardDate": 1569398400000,
                            "deliveryDate": 4133404800000})  # fmt: skip
    return {"timezone": "UTC", "serverTime": 0, "rateLimits": [], "symbols": symbols}


def _bybit(result):
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 0}


def _instruments(query):
    filters = {
        "lotSizeFilter": {"qtyStep": "0.001", "basePrecision": "0.001", "minOrderQty": "0.001"},
        "priceFilter": {"tickSize": "0.1"},
    }
    common = {"symbol": "BTCUSDT", "baseCoin": "BTC", "quoteCoin": "USDT", "status": "Trading"}
    listed = []
    if query["category"] == "spot":
        listed = [common | filters]
    elif query["category"] == "linear" and query.get("status") != "PreLaunch":
        more = {
            "contractType": "LinearPerpetual", "settleCoin": "USDT", "fundingInterval": 480,
            "launchTime": "1585526400000", "deliveryTime": "0",
            "leverageFilter": {"minLeverage": "1", "maxLeverage": "100"},
        }  # fmt: skip
        listed = [common | filters | more]
    return {"category": query["category"], "list": listed, "nextPageCursor": ""}
