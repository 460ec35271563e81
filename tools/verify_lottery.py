#!/usr/bin/env python3
"""Checks a lottery of a waiting room as docs/lottery.md describes it. Standard library only.
usage: verify_lottery.py LOTTERY.json ENTRIES.txt [MINE.json [OUT.txt]]
LOTTERY.json is GET /api/v1/rooms/ROOM/lottery, ENTRIES.txt all pages of .../lottery/entries in
order, MINE.json ("" for none) GET .../places/me/lottery; OUT.txt gets each entry's rank, in order.
Ends with 1 at the first thing that is not right. BLS signatures are not checked."""
import hashlib
import json
import math
import sys
from datetime import datetime


def sha(data):
    return hashlib.sha256(data).digest()


def must(right, what):
    print(("ok:    " if right else "WRONG: ") + what)
    return right or sys.exit(1)


def root_of(entries):
    level = [sha(b"\0" + entry) for entry in entries] or [sha(b"")]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [sha(b"\1" + a + b) for a, b in zip(level[::2], level[1::2])] + odd
    return level[0]


def root_by_proof(entry, index, count, path):
    node = sha(b"\0" + entry)
    while count > 1:
        if index % 2 or index + 1 < count:  # the odd one at the end goes up as it is
            pair = (next(path, b""), node) if index % 2 else (node, next(path, b""))
            node = sha(b"\1" + pair[0] + pair[1])
        index, count = index // 2, (count + 1) // 2
    return node if next(path, None) is None else b""


def ranks_of(key, entries):
    inner, outer = (hashlib.sha256(bytes(b ^ pad for b in key)) for pad in (0x36, 0x5C))
    macs, ranks = [], [0] * len(entries)
    for entry in entries:  # HMAC-SHA256(key, entry), with the key's half done once
        first, second = inner.copy(), outer.copy()
        first.update(entry)
        second.update(first.digest())
        macs.append(second.digest())
    for rank, index in enumerate(sorted(range(len(macs)), key=macs.__getitem__), 1):
        ranks[index] = rank
    return ranks


def beacon_value(lottery, beacon):
    if beacon["kind"] == "drand":
        chain, proof, number = beacon["chain"], lottery["drand"], beacon["round"]
        must(proof["round"] == number, f"the beacon is drand round {number}, as announced")
        closed = datetime.fromisoformat(lottery["closed_at"].replace("Z", "+00:00")).timestamp()
        ahead = chain["genesis_time"] + (number - 1) * chain["period"] - closed
        must(ahead > 0, f"it came {ahead:.0f} s after the entries were fixed")
        print(f"       ask drand yourself: chain {chain['hash']} must say for this round\n"
              f"       signature {proof['signature']} (BLS is not checked here)")
        return sha(bytes.fromhex(proof["signature"]))
    said = {reveal["party"]: bytes.fromhex(reveal["value"]) for reveal in lottery["reveals"]}
    n, k = len(beacon["commitments"]), beacon["k"]
    must(k <= len(said) and set(said) <= set(range(1, n + 1)), f"{len(said)} of {n} revealed")
    must(all(sha(v).hex() == beacon["commitments"][i - 1] for i, v in said.items()), "none lied")
    print(f"       a choice of {sum(math.comb(n, j) for j in range(k, n + 1))} values; 1 is best")
    return sha(b"".join(b"\1" + said[i] if i in said else b"\0" for i in range(1, n + 1)))


def main():
    if not 3 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    published, listed, own, out = (sys.argv[1:] + ["", ""])[:4]
    lottery, ranks = json.load(open(published)), None
    entries = [bytes.fromhex(line) for line in open(listed)]
    must(len(entries) == lottery["count"], f"{len(entries)} entries, as published")
    must(len(set(entries)) == len(entries) and {len(e) for e in entries} <= {32}, "no entry twice")
    must(root_of(entries).hex() == lottery["root"], "their Merkle root is the published one")
    if lottery["state"] == "drawn":
        seed = bytes.fromhex(lottery["seed"])
        must(sha(seed).hex() == lottery["commitment"] and len(seed) == 32, "the seed is as agreed")
        value = beacon_value(lottery, lottery["beacon"])
        must(value.hex() == lottery["value"], "the beacon's value follows")
        ranks = ranks_of(seed + value, entries)
        if out:
            open(out, "w").writelines(f"{rank}\n" for rank in ranks)
    if own:
        mine = json.load(open(own))
        entry, at, name = bytes.fromhex(mine["entry"]), mine["index"], f"/{mine['place']}"
        hidden = bytes.fromhex(mine["salt"]) + (lottery["room"] + name).encode()
        must(sha(b"\2" + hidden) == entry, f"your entry stands for your place {name}")
        root = root_by_proof(entry, at, len(entries), map(bytes.fromhex, mine["proof"]))
        must(root.hex() == lottery["root"] and entries[at] == entry, f"it is number {at} of them")
        must(not ranks or mine["rank"] == ranks[at], f"your rank is {mine.get('rank')}")
    print("all right" if ranks is not None else "all right so far; not drawn yet")


main()
