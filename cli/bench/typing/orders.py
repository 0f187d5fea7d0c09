"""Orders of a small shop: what was bought, by whom, and what is still to be sent."""

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Item:
    name: str
    price: float
    count: int = 1

    def total(self):
        return self.price * self.count


@dataclass
class Order:
    customer: str
    items: list[Item] = field(default_factory=list)
    is_sent: bool = False


def read_orders(path):
    with open(path) as file:
        rows = json.load(file)
    return [Order(row["customer"]) for row in rows]


def open_orders(orders):
    return [order for order in orders if not order.is_sent]


if __name__ == "__main__":
    for order in open_orders(read_orders(Path("orders.json"))):
        print(order.customer)
