"""Python as a host: the catalogue's functions with what Python users pass and expect.

    from xlhedge import margin, risk

    margin.liquidation_price(-1, 70000, 7000, 0.005)
    risk.historical_var(returns, 1e6)

`arguments` turns floats, lists, arrays, Series and data frames into cells and remembers their
index, `results` turns what the core gives back into floats, arrays, Series, named tuples and data
frames, `functions` makes one function for each line of the catalogue, and `stubs` writes what type
checkers read.
"""
