#!/usr/bin/env python3
"""Verifies the log of a waiting room as docs/receipts.md describes it. Standard library only.
usage: verify_log.py LOG [BATCH:LINK ...]
LOG is what `onsale room export` wrote. Each BATCH:LINK is a link that somebody noted earlier, such as
from a receipt: the log must contain it. Ends with 1 at the first thing that is not right, 2 for a file
that is no log. Limits (capacity, rate) are checked by `onsale room replay`, not here."""
import base64
import hashlib
import heapq
import json
import sys

NAMES = ["?", "joined", "admitted", "ghosted", "left", "returned", "no_show", "idle", "overtime",
         "completed", "bound", "configured", "joined", "missed", "rejoined", "forfeited", "skipped",
         "restored", "stopped", "draw", "drawn", "passed", "drawn", "given",
         "configured", "lengthened"]


class Wrong(Exception):
    pass


def must(right, what):
    if not right:
        raise Wrong(what)


def records_of(data):
    """Yields (fact, place, time in ms, lane, text) of a batch."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            must(at < len(data), "unreadable: cut short")
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def signed():
        value = number()
        return value >> 1 if value % 2 == 0 else -(value >> 1) - 1

    def take(count):
        nonlocal at
        must(at + count <= len(data), "unreadable: cut short")
        at += count
        return data[at - count:at]

    must(number() == 1, "unreadable: unknown format of a batch")
    place = time = 0
    while at < len(data):
        code = number()
        must(0 < code < len(NAMES), "unreadable: unknown fact")
        fact, lane, text = NAMES[code], 0, b""
        place, time = place + signed(), time + signed()
        if code == 12:
            lane = number()
        if fact in ("joined", "restored", "given"):
            text = take(16)
        if fact in ("bound", "configured", "draw", "lengthened") or code == 22:
            text = take(number())
        if code == 24:
            for _ in range(number()):  # who did it, who had proposed it
                take(number())
        yield fact, place, time, lane, text


class Line:
    """Who waits, lane by lane: the order is that of joining, or that of a draw."""

    def __init__(self):
        self.lanes, self.where, self.inside, self.away, self.next = {}, {}, set(), set(), 1
        self.lost, self.counts = 0, {}

    def put(self, lane, order, place):
        heapq.heappush(self.lanes.setdefault(lane, []), (order, place))
        self.where[place] = (lane, order)

    def first(self, lane):
        heap = self.lanes[lane]
        while self.where.get(heap[0][1]) != (lane, heap[0][0]):
            heapq.heappop(heap)
        return heap[0][1]

    def apply(self, fact, place, lane):
        self.counts[fact] = self.counts.get(fact, 0) + 1
        if fact == "joined":
            must(place == self.next, f"impossible: number {place} is given out of turn")
            self.put(lane, place, place)
            self.next += 1
        elif fact == "skipped":
            must(place > self.next, "impossible: numbers are skipped backwards")
            self.lost, self.next = self.next, place
        elif fact == "restored":
            while self.lost <= place:
                self.put(10, self.lost, self.lost)
                self.lost += 1
        elif fact == "drawn":
            must(self.where.get(place, (None,))[0] == 0, f"impossible: {place} is drawn, not in line")
            self.put(0, self.next, place)
            self.next += 1
        elif fact == "admitted":
            if place in self.where:
                lane = self.where[place][0]
                must(self.first(lane) == place, f"impossible: {place} is admitted before another")
                del self.where[place]
            else:
                must(place in self.away, f"impossible: {place} is admitted, not in line")
                self.away.remove(place)
            self.inside.add(place)
        elif fact == "passed":
            must(place in self.where or place in self.away, f"impossible: {place} is not in line")
            self.where.pop(place, None)
            self.away.add(place)
        elif fact in ("ghosted", "left", "forfeited"):
            must(place in self.where or place in self.away, f"impossible: {place} is not in line")
            self.where.pop(place, None)
            self.away.discard(place)
        elif fact in ("returned", "no_show", "idle", "overtime", "completed", "missed"):
            must(place in self.inside, f"impossible: {place} has no slot")
            self.inside.remove(place)
            if fact == "missed":
                self.away.add(place)


def verify(path, noted):
    link, number, line, when = b"", 0, Line(), 0
    with open(path, encoding="ascii", errors="replace") as file:
        head = json.loads(file.readline())
        if head.get("format") != "onsale-room-log-1":
            sys.exit(2)
        room, number, link = head["room"].encode(), head["after"], bytes.fromhex(head["link"])
        whole = number == 0
        for text in file:
            entry = json.loads(text)
            if "base" in entry:
                continue  # the state at the cut: only the server's own replay reads it
            try:
                must(entry["batch"] == number + 1, f"gap: batch {number + 1} is missing")
                number += 1
                data = base64.urlsafe_b64decode(entry["records"] + "==")
                link = hashlib.sha256(link + bytes([len(room)]) + room + number.to_bytes(8, "big")
                                      + data).digest()
                must(link.hex() == entry["link"], "chain: the link does not fit")
                must(noted.pop(number, link.hex()) == link.hex(), "noted: another link was noted")
                for fact, place, when, lane, _ in records_of(data):
                    if whole:
                        line.apply(fact, place, lane)
            except (Wrong, ValueError) as wrong:
                print(f"WRONG: room {head['room']}, batch {number}, {when} ms: {wrong}")
                return 1
    if noted:
        print(f"WRONG: the log has no batch {min(noted)}, of which a link was noted")
        return 1
    print(f"ok: room {head['room']}, batches {head['after'] + 1} to {number}, last link {link.hex()}")
    if whole:
        print("   " + ", ".join(f"{count} {fact}" for fact, count in sorted(line.counts.items())))
        print(f"    {len(line.where) + len(line.away)} waiting, {len(line.inside)} inside")
    else:
        print("    the log was cut: links are right; who was in line at the cut is not checked")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        sys.exit(2)
    pairs = (each.split(":") for each in sys.argv[2:])
    sys.exit(verify(sys.argv[1], {int(batch): known for batch, known in pairs}))
