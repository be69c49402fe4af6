add_unit(http http)
add_unit(http_slow http)
add_unit(http_parse http)
