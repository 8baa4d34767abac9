"""Several trained models put together: their average, or a linear stack of them."""
