"""The payments between longs and shorts of a perpetual."""
