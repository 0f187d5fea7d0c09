"""A small inventory: items, quantities and what to order next."""


class Inventory:
    def __init__(self):
        self.items = {}

    def add(self, name, quantity=1):
        self.items[name] = self.items.get(name, 0) + quantity

    def remove(self, name, quantity=1):
        if name not in self.items:
            raise KeyError(name)
        self.items[name] -= quantity

    def total(self):
        

    def missing(self, wanted):
        return [name for name in wanted if name not in self.items]

    def report(self, limit):
        for name, quantity in sorted(self.items.items()):
            if quantity < limit and len(name.strip().lower()) > 0:
                print(name, limit - quantity)
