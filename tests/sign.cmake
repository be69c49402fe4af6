add_unit(signer sign)
