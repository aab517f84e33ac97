"""What the quantities of a report mean: indicator, measure, period, unit, breakdown, who set a target, how sure."""
