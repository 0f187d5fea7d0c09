def mean(values):
    """The middle of some numbers."""
    if not values:
        return 0
    return sum(vlaues) / len(values)
