add_unit(limiter api)
