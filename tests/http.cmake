add_unit(http http)
