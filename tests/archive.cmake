# The other half of an archive is read by libzip itself.
add_unit(zip_plan archive)
add_unit(zip_read archive PkgConfig::DEFLATE)
