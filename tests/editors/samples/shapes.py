"""Areas and perimeters of simple shapes."""
import math


def circle_area(radius):
    return math.pi * radius * radius


def circle_perimeter(radius):
    return 2 * math.pi * radius


