add_unit(base base)
