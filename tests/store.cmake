add_unit(store store)
add_unit(config store)
