"""Reads the access log of a web server and says what was asked for, how often and how fast."""

import argparse
import json
import os
import re
import sys
from collections import Counter, defaultdict
from datetime import datetime

LINE = re.compile(r'(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) (\d+|-) ([\d.]+)')
TIME_FORMAT = "%d/%b/%Y:%H:%M:%S %z"


class Request:
    def __init__(self, address, time, method, path, status, size, seconds):
        self.address = address
        self.time = time
        self.method = method
        self.path = path
        self.status = status
        self.size = size
        self.seconds = seconds

    def is_error(self):
        return self.status >= 400

    def __repr__(self):
        return "Request(%r, %r, %d)" % (self.method, self.path, self.status)


def parse_line(line):
    match = LINE.match(line)
    if match is None:
        return None
    address, time, method, path, status, size, seconds = match.groups()
    return Request(
        address,
        datetime.strptime(time, TIME_FORMAT),
        method,
        path.split("?")[0],
        int(status),
        0 if size == "-" else int(size),
        float(seconds),
    )


def read_requests(file):
    requests = []
    skipped = 0
    for line in file:
        request = parse_line(line)
        if request is None:
            skipped += 1
            continue
        requests.append(request)
    return requests, skipped


class Summary:
    def __init__(self):
        self.counts = Counter()
        self.errors = Counter()
        self.times = defaultdict(list)
        self.total_size = 0

    def add(self, request):
        key = (request.method, request.path)
        self.counts[key] += 1
        if request.is_error():
            self.errors[key] += 1
        self.times[key].append(request.seconds)
        self.total_size += request.size

    def mean_time(self, key):
        times = self.times[key]
        if not times:
            return 0.0
        return sum(times) / len(times)

    def slowest(self, key, share=0.95):
        times = sorted(self.times[key])
        index = int(len(times) * share)
        return times[min(index, len(times) - 1)]

    def rows(self, limit):
        for key, count in self.counts.most_common(limit):
            method, path = key
            yield {
                "method": method,
                "path": path,
                "count": count,
                "errors": self.errors[key],
                "mean": self.mean_time(key),
                "slowest": self.slowest(key),
            }


def write_table(rows, out):
    out.write("%-6s %-40s %8s %8s %8s\n" % ("method", "path", "count", "errors", "mean"))
    for row in rows:
        out.write(
            "%-6s %-40s %8d %8d %8.3f\n"
            % (row["method"], row["path"], row["count"], row["errors"], row["mean"])
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", nargs="+", help="access logs to read")
    parser.add_argument("--limit", type=int, default=20, help="how many paths to show")
    parser.add_argument("--json", action="store_true", help="write JSON instead of a table")
    arguments = parser.parse_args()

    summary = Summary()
    for path in arguments.logs:
        if not os.path.exists(path):
            print("no such file: " + path, file=sys.stderr)
            return 1
        with open(path) as file:
            requests, skipped = read_requests(file)
        for request in requests:
            summary.add(request)
        if skipped > 0:
            print("%s: skipped %d lines" % (path, skipped), file=sys.stderr)

    rows = list(summary.rows(arguments.limit))
    if arguments.json:
        json.dump(rows, sys.stdout, indent=2)
    else:
        write_table(rows, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
