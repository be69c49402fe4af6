add_unit(store store)
