"""AutoPay: what falls due is paid by the card on file, as the client has agreed, and not without a letter before."""
