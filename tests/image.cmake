add_unit(photo image)
add_unit(qr image)
